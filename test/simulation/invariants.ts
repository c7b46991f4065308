// What must hold in every world, at every step: looked at from outside, on the way to the market and in its truth.

import { accountOf, DEFAULT_ACCOUNT_ID } from "../../sim/billing.ts";
import type { Box } from "../../sim/instances.ts";
import type { Debt } from "../../src/fleet/memory.ts";
import { causeOfWords, excuseOf, UNWANTED } from "./excuses.ts";
import { peek } from "./peek.ts";
import { checkRecords, lookForSecrets } from "./records.ts";
import type { Act, Scenario } from "./scenario.ts";
import { isProducing, labelledAlive, ownAlive } from "./truth.ts";
import { MINUTE, SECOND, START_MS, type World } from "./world.ts";

export interface Violation {
  readonly invariant: string;
  readonly atMs: number;
  readonly detail: string;
}

interface Held {
  readonly version: number;
  readonly owned: ReadonlySet<number | null>;
  readonly awaited: ReadonlySet<string>;
}

/** A target that was lowered still allows what was sent for the higher one until the news has arrived. */
const TARGET_OVERLAP_MS = 2 * MINUTE;
/** The longest time between a list and what is still done on it: a launch waits for its places (design rule 15). */
const PROOF_AGE_MS = 10 * MINUTE;
/** Design §8: no box of ours is without an owner for longer, once the API answers. */
const ORPHAN_MS = 3 * MINUTE;
const LOOK_EVERY_MS = 20 * SECOND;
/** Ends that a person has asked for, by an order or by a budget. */
const ORDERED = new Set(["by-hand", "down", "budget"]);
/** How old the account's last answer may be under a proven list. */
const ACCOUNT_READ_MS = 15 * MINUTE;
/** A decision on a list begun before the market stopped all boxes: the list's age, and the look that noted the stop. */
const CREDIT_SEEN_MS = 2 * MINUTE;
/** What was wrong until this long ago may still be the reason for what is done now. */
const AFTERMATH_MS = 20 * MINUTE;

export class Invariants {
  readonly violations: Violation[] = [];
  rents = 0;
  destroys = 0;
  doubleRents = 0;
  falseKills = 0;
  /** Boxes that played and were destroyed all the same, rents beside boxes that an empty list hid: by what excused it. */
  readonly excuses = new Map<string, number>();
  readonly #world: World;
  readonly #scenario: Scenario;
  /** Targets by fleet, with the instant from which they were asked for. */
  readonly #targets = new Map<string, { readonly target: number; readonly sinceMs: number }[]>();
  #goodListAtMs = START_MS;
  #jumpedMs = 0;
  #listFailedAtMs = START_MS - 1;
  #listBegun: { atMs: number; hits: number } | null = null;
  readonly #unowned = new Map<number, number>();
  /** When a box's host was last seen away. */
  readonly #awayAtMs = new Map<number, number>();
  /** When a box was first seen to have played. */
  readonly #playedAtMs = new Map<number, number>();
  readonly #held = new Map<string, Held>();
  readonly #ended = new Set<number>();
  /** Boxes on machines that treat them badly; peace heals the machines. */
  readonly #onBadHosts = new Set<number>();
  /** Boxes whose destroy a fleet has sent. */
  readonly #sentAway = new Map<number, string>();
  /** Since when the market has stopped all boxes for lack of credit; `null`: it has not. */
  #creditGoneAtMs: number | null = null;
  /** Boxes that ended and came back: nobody rented them twice. */
  readonly #cameBack = new Set<number>();

  constructor(world: World, scenario: Scenario) {
    this.#world = world;
    this.#scenario = scenario;
    world.platform.onLine = (line) => this.#lookForSecrets("a line printed", line);
    world.platform.onSend = (by, url, init) => this.#onSend(by, url, init);
    world.onAnswer = (url, _init, status) => this.#onAnswer(url, status);
    const { schedule, home } = world.platform;
    const look = (): void => {
      this.#look();
      schedule.after(LOOK_EVERY_MS, home, look);
    };
    schedule.after(LOOK_EVERY_MS, home, look);
  }

  expectTarget(fleet: string, target: number): void {
    const asked = this.#targets.get(fleet) ?? [];
    this.#targets.set(fleet, [...asked, { target, sinceMs: this.#world.nowMs }]);
  }

  /** What an order means for the target, should the door take it. */
  expectOrder({ path, body }: Pick<Act & { kind: "door" }, "path" | "body">): void {
    const fleet = /^\/api\/fleets\/([^/?]+)/.exec(path)?.[1] ?? "";
    const { target, count } = body as { readonly target?: number; readonly count?: number };
    const before = this.#targets.get(fleet)?.at(-1)?.target ?? 0;
    if (path.endsWith("/down")) this.expectTarget(fleet, 0);
    else if (count !== undefined) this.expectTarget(fleet, Math.max(before, count));
    else if (target !== undefined) this.expectTarget(fleet, target);
  }

  onDoor(act: Pick<Act & { kind: "door" }, "path" | "body">, answer: { status: number; text: string }): void {
    this.#lookForSecrets(`the answer of ${act.path}`, answer.text);
    // A door that asks an object which crashes under it may only say that it does not know.
    const isCrashing = this.#scenario.acts.some(({ kind }) => kind === "crash" || kind === "call");
    if (answer.status >= 500 && !isCrashing)
      this.report("no door fails", `${act.path}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }

  report(invariant: string, detail: string): void {
    const box = { invariant, atMs: this.#world.nowMs - START_MS, detail };
    // The first of its kind says it; the rest of the same run would hide the others.
    if (!this.violations.some((one) => one.invariant === invariant)) this.violations.push(box);
  }

  // --- what is sent ---------------------------------------------------------------------------------------------------

  #onSend(by: string, url: string, init: RequestInit): void {
    this.#noteJump();
    const { pathname, searchParams } = new URL(url);
    if (pathname === "/api/v1/instances/" && !searchParams.has("after_token"))
      this.#listBegun = { atMs: this.#world.nowMs, hits: this.#listFaultHits() };
    const [binding, fleet = ""] = by.split(":");
    if (binding !== "FLEET_KEEPER") return;
    if (init.method === "PUT" && pathname.startsWith("/api/v0/asks/")) this.#onRent(fleet, pathname, bodyOf(init));
    if (init.method === "DELETE" && pathname.startsWith("/api/v0/instances/")) {
      const ids = [...pathname.matchAll(/instances\/(\d+)/g)].map(([, id]) => Number(id));
      const listed = bodyOf(init)["instance_ids"] ?? bodyOf(init)["ids"];
      for (const id of ids.length > 0 ? ids : Array.isArray(listed) ? listed : []) this.#onDestroy(fleet, Number(id));
    }
  }

  #onRent(fleet: string, pathname: string, body: Record<string, unknown>): void {
    this.rents += 1;
    this.#noteBoxes();
    const alive = this.#world.onMarket(() => ownAlive(this.#world, fleet)).filter(({ id }) => !this.#cameBack.has(id));
    const target = this.#allowedTarget(fleet);
    const isUnknowable = this.#isUnknowable(fleet);
    // Each rent whose answer was lost may have made a box that an empty list hides.
    if (alive.length + 1 > target + 1) {
      if (isUnknowable) this.#excuse("a rent above the ceiling: an empty list hid the others");
      else this.report("ceiling", `${fleet}: a rent with ${alive.length} boxes alive and target ${target}`);
    }
    const memory = peek(this.#world, fleet)?.memory(this.#world.nowMs);
    const owed = new Set(memory?.debts.map(({ instanceId }) => instanceId));
    const same = alive.filter(({ id, label }) => label === body["label"] && !owed.has(id));
    if (same.length > 0 && isUnknowable) this.#excuse("a slot rented twice: an empty list hid its box");
    else if (same.length > 0) {
      this.doubleRents += 1;
      this.report("no slot is rented twice", `${String(body["label"])} while ${same[0]?.id} lives`);
    }
    if (!isUnknowable) this.#checkProof(`${fleet} rents`);
    const offerId = Number(/asks\/(\d+)/.exec(pathname)?.[1]);
    const host = [...this.#world.market.state.hosts.values()].find(({ offers, lastOffers }) =>
      [...offers, ...lastOffers].some(({ id }) => id === offerId),
    );
    if (host !== undefined && this.#isBlocked(host.machineId))
      this.report("no blocked machine is rented", `${fleet}: machine ${host.machineId}`);
  }

  #onDestroy(fleet: string, instanceId: number): void {
    this.destroys += 1;
    this.#sentAway.set(instanceId, fleet);
    const { nowMs } = this.#world;
    const box = this.#world.onMarket(({ state }) => state.boxes.get(instanceId));
    if (box === undefined) return;
    if (!new RegExp(`^${fleet}-worker-vast-\\d+$`).test(box.label ?? ""))
      this.report("a fleet destroys its own", `${fleet}: ${instanceId} is ${box.label}`);
    const store = peek(this.#world, fleet);
    const record = store?.fleet();
    const debt = store?.debt(instanceId) ?? null;
    if (debt === null) this.report("a destroy is a debt first", `${fleet}: ${instanceId}`);
    const cause = store?.ledger.get(String(instanceId))?.endCause ?? null;
    // What was ordered to end, or is sent once more, goes by its number: an empty list with status 200 looks like a proof.
    const isByNumber = (cause !== null && ORDERED.has(cause)) || (debt?.attempts ?? 0) > 1;
    if (!isByNumber || !(this.#isEmptied() || this.#isTakenForOurs())) this.#checkProof(`${fleet} destroys`);
    const isNew = debt?.createdAtMs === record?.lastCheckAtMs && !debt?.reason.startsWith("came back");
    if (record?.state === "credit-wait" && record.mode === "active" && isNew && cause !== "by-hand")
      this.report("credit wait kills nothing", `${fleet}: ${instanceId}: ${debt?.reason}`);
    this.#noteCredit();
    const isStopped = (debt?.createdAtMs ?? 0) > (this.#creditGoneAtMs ?? Infinity) + CREDIT_SEEN_MS;
    if (isStopped && isNew && !this.#isCreditHidden() && !UNWANTED.has(cause ?? causeOfWords(debt?.reason ?? "")))
      this.report("credit wait kills nothing", `${fleet}: ${instanceId}, stopped with all others: ${debt?.reason}`);
    const isYoung = nowMs - box.rentedAtMs < 10 * MINUTE;
    if (isYoung && (cause === "stuck-boot" || cause === "stuck-setup"))
      this.report(
        "nothing is stuck before its time",
        `${fleet}: ${instanceId} after ${(nowMs - box.rentedAtMs) / 1000} s`,
      );
    if (debt?.attempts === 1 && isProducing(box, nowMs)) this.#judgeKill(fleet, box, debt, cause);
  }

  /** A box that plays is destroyed: because it is not wanted, or because of what nobody could see through. */
  #judgeKill(fleet: string, box: Box, debt: Debt, endCause: string | null): void {
    // A box that is taken over and given up in one CHECK is in no ledger: its debt alone says why.
    const cause = endCause ?? causeOfWords(debt.reason);
    const why = excuseOf({
      box,
      cause,
      isOddOne: / could not be read for \d+ s, while others' could$/.test(debt.reason),
      decidedAtMs: debt.createdAtMs,
      world: this.#world,
      acts: this.#world.begun,
      awayAtMs: this.#awayAtMs.get(box.id) ?? null,
      playedAtMs: this.#playedAtMs.get(box.id) ?? null,
      rivals: this.#world
        .onMarket(() => labelledAlive(this.#world, fleet))
        .filter((one) => one !== box && one.label === box.label),
    });
    if (why !== null) {
      this.#excuse(why);
      return;
    }
    this.falseKills += 1;
    this.report("no worker that is well is killed", `${fleet}: ${box.id} (${box.label}): ${cause}: ${debt.reason}`);
  }

  #excuse(why: string): void {
    this.excuses.set(why, (this.excuses.get(why) ?? 0) + 1);
  }

  /** Acts that have begun and whose effect is not long over. */
  #recent(): readonly Act[] {
    const nowMs = this.#world.nowMs - START_MS;
    return this.#world.begun.filter((act) => {
      const lastsMs = "forMs" in act ? (act.forMs ?? 0) : 0;
      return nowMs <= act.atMs + lastsMs + AFTERMATH_MS;
    });
  }

  #checkProof(what: string): void {
    const ageMs = this.#world.nowMs - this.#goodListAtMs;
    if (ageMs > PROOF_AGE_MS)
      this.report("nothing is done without a proven list", `${what}, the last good list is ${ageMs / 1000} s old`);
  }

  /** An empty list of a fleet that knows of nothing contradicts nothing: no keeper could tell it from the truth. */
  #isUnknowable(fleet: string): boolean {
    const memory = peek(this.#world, fleet)?.memory(this.#world.nowMs);
    const isLongAnswered = ({ instanceId, createdAtMs }: { instanceId: number | null; createdAtMs: number }): boolean =>
      instanceId !== null && createdAtMs < this.#world.nowMs - ORPHAN_MS;
    const knowsAny = memory?.workers.length !== 0 || memory.intents.some(isLongAnswered);
    return !knowsAny && this.#isEmptied();
  }

  #isEmptied(): boolean {
    return this.#recent().some((act) => act.kind === "fault" && act.name === "list-empty");
  }

  /** The account could not be asked, so that boxes stopped for credit look like boxes that ended. */
  #isCreditHidden(): boolean {
    return this.#recent().some(
      (act) =>
        ["net", "call", "crash"].includes(act.kind) ||
        (act.kind === "fault" && /^(account-|api-|slow-api|rate-limit|bad-key|list-)/.test(act.name)),
    );
  }

  /** Another account's list proves what an empty one does, until the account is asked again. */
  #isTakenForOurs(): boolean {
    const sinceMs = this.#world.nowMs - START_MS - ACCOUNT_READ_MS;
    return this.#recent().some(
      (act) => act.kind === "fault" && act.name === "list-other-account" && act.atMs >= sinceMs,
    );
  }

  #allowedTarget(fleet: string): number {
    const asked = this.#targets.get(fleet) ?? [];
    const { nowMs } = this.#world;
    const holding = asked.filter((_, index) => (asked[index + 1]?.sinceMs ?? Infinity) > nowMs - TARGET_OVERLAP_MS);
    return Math.max(0, ...holding.map(({ target }) => target));
  }

  #isBlocked(machineId: number): boolean {
    const rows = this.#world.platform.d1.db
      .prepare(
        "SELECT count(*) AS strikes FROM strikes LEFT JOIN strike_refunds ON strike_id = strikes.id WHERE machine_id = ? AND strike_id IS NULL AND strikes.at_ms < ?",
      )
      .get(machineId, this.#world.nowMs - 2 * MINUTE) as { strikes: number };
    const isD1Troubled = this.#scenario.acts.some((act) => act.kind === "d1");
    return !isD1Troubled && rows.strikes >= 3;
  }

  // --- what is answered -----------------------------------------------------------------------------------------------

  #onAnswer(url: string, status: number): void {
    this.#noteJump();
    const { pathname, searchParams } = new URL(url);
    if (pathname !== "/api/v1/instances/") return;
    const begun = this.#listBegun;
    // An empty list is true where there is nothing.
    const isEmpty = [...this.#world.market.state.boxes.values()].every((box) => box.endedAtMs !== null);
    const isGood = status === 200 && begun !== null && (isEmpty || begun.hits === this.#listFaultHits());
    if (!isGood) this.#listFailedAtMs = this.#world.nowMs;
    else if (!searchParams.has("after_token")) this.#goodListAtMs = begun.atMs;
  }

  /** Changes with every hit of a fault of the list. */
  #listFaultHits(): number {
    const faults = this.#world.market.state.faults.filter(
      ({ name }) => name.startsWith("list-") && name !== "list-late",
    );
    return faults.reduce((sum, { hits, id }) => sum + hits + id * 1000, 0);
  }

  // --- what is true meanwhile -----------------------------------------------------------------------------------------

  /** A clock that was set forward makes a good list no older, and every wait begins anew. */
  #noteJump(): void {
    const { jumpedMs } = this.#world.platform.schedule;
    const byMs = jumpedMs - this.#jumpedMs;
    if (byMs === 0) return;
    this.#jumpedMs = jumpedMs;
    this.#goodListAtMs += byMs;
    this.#listFailedAtMs = this.#world.nowMs;
    if (this.#listBegun !== null) this.#listBegun.atMs += byMs;
    this.#unowned.clear();
  }

  #look(): void {
    const { nowMs } = this.#world;
    this.#noteJump();
    this.#noteBoxes();
    this.#noteCredit();
    for (const { name } of this.#scenario.fleets) {
      const held = this.#heldBy(name);
      if (held === null) continue;
      const { owned, awaited } = held;
      for (const box of ownAlive(this.#world, name)) {
        const isOwned = owned.has(box.id) || awaited.has(box.env["FLEETKEEPER_INTENT"] ?? "");
        const isListed = box.listedAtMs <= nowMs;
        if (isOwned || !isListed) this.#unowned.delete(box.id);
        else this.#noteUnowned(name, box);
      }
    }
  }

  #noteCredit(): void {
    const isGone = this.#world.onMarket(({ state }) => accountOf(state, DEFAULT_ACCOUNT_ID).isStoppedForCredit);
    this.#creditGoneAtMs = isGone ? (this.#creditGoneAtMs ?? this.#world.nowMs) : null;
  }

  /** What a fleet knows as its own, owed or awaited; read again when its storage has changed. */
  #heldBy(name: string): Held | null {
    const version = this.#world.fleet(name)?.storage.version ?? 0;
    const known = this.#held.get(name);
    if (known?.version === version) return known;
    const memory = peek(this.#world, name)?.memory(this.#world.nowMs);
    if (memory === undefined) return null;
    const held = {
      version,
      owned: new Set([
        ...memory.workers.map(({ instanceId }) => instanceId),
        ...memory.debts.map(({ instanceId }) => instanceId),
        ...memory.intents.map(({ instanceId }) => instanceId),
      ]),
      awaited: new Set(memory.intents.map(({ id }) => id)),
    };
    this.#held.set(name, held);
    return held;
  }

  #noteBoxes(): void {
    for (const box of this.#world.onMarket(({ state }) => [...state.boxes.values()])) {
      if (box.trait !== "good") this.#onBadHosts.add(box.id);
      if ((box.worker?.batches ?? 0) > 0 && !this.#playedAtMs.has(box.id))
        this.#playedAtMs.set(box.id, this.#world.nowMs);
      if (!box.isReachable) this.#awayAtMs.set(box.id, this.#world.nowMs);
      if (box.endedAtMs !== null) {
        this.#ended.add(box.id);
        this.#unowned.delete(box.id);
      } else if (this.#ended.has(box.id)) this.#cameBack.add(box.id);
    }
  }

  #noteUnowned(fleet: string, box: Box): void {
    const { nowMs } = this.#world;
    const sinceMs = Math.max(this.#unowned.get(box.id) ?? nowMs, this.#listFailedAtMs, this.#goodListAtMs - ORPHAN_MS);
    const isAnswering = this.#goodListAtMs > this.#listFailedAtMs;
    this.#unowned.set(box.id, isAnswering ? sinceMs : nowMs);
    if (isAnswering && nowMs - sinceMs > ORPHAN_MS)
      this.report("no box is without an owner", `${fleet}: ${box.id} (${box.label}) for ${(nowMs - sinceMs) / 1000} s`);
  }

  // --- when all is over -----------------------------------------------------------------------------------------------

  /** Reasons, blame and secrets, over everything that was written. */
  checkRecords(): void {
    const report = (invariant: string, detail: string): void => this.report(invariant, detail);
    checkRecords(this.#world, this.#scenario, { sentAway: this.#sentAway, onBadHosts: this.#onBadHosts, report });
  }

  #lookForSecrets(where: string, text: string): void {
    lookForSecrets(where, text, (invariant, detail) => this.report(invariant, detail));
  }
}

function bodyOf(init: RequestInit): Record<string, unknown> {
  return typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
}
