// One object per Vast account. Limits, the instance list and the credit belong to the account, so all fleets share one
// sweep, one search (for 30 s) and one pace per route here. It reads and tells; it never rents, and destroys only boxes of
// no fleet that a person has ordered to go.

import { DurableObject } from "cloudflare:workers";
import { type Env, readConfig } from "../env.ts";
import type { Confirmation } from "../fleet/absence.ts";
import type { CommitLoad } from "../fleet/commit-load.ts";
import type { Instance } from "../fleet/instance.ts";
import type { Offer, OfferQuery } from "../fleet/offer.ts";
import { ok, type Result } from "../fleet/result.ts";
import type { AccountView } from "../fleet/situation.ts";
import { proveSweep, type Sweep, type SweepReading } from "../fleet/sweep.ts";
import { formatSsh } from "../fleet/worker.ts";
import { createHubClient, type HubClient, hubHosts } from "../huggingface/client.ts";
import { logEvent } from "../log.ts";
import { createOutbound, createSlots } from "../outbound.ts";
import {
  type Account,
  createVastClient,
  describeFailure,
  isOutcomeUnknown,
  type VastClient,
  type VastFailure,
  type VastRoute,
  vastHosts,
} from "../vast/client.ts";
import { tellAccountEvent } from "./account-events.ts";
import { type AccountFacts, asAsked } from "./account-facts.ts";
import { AccountStore, type BoxRow, type ClaimedOffer, type CreditWait } from "./account-store.ts";
import { diffBoxes } from "./box-news.ts";
import { learnerCommitsPerHour, readCommits } from "./commit-watch.ts";
import {
  beginWait,
  type CreditView,
  endUnwantedWait,
  isCreditLow,
  judgeCredit,
  viewCredit,
  wantsCreditReading,
} from "./credit-watch.ts";
import { learnRefusal, learnSuccess, type RefusedCall, takePlaces } from "./pace.ts";
import { confirmMismatch } from "./fleet-access.ts";
import type {
  Actor,
  BoxFacts,
  BoxNews,
  BoxOwner,
  DoorRefusal,
  Relabelled,
  StrayEnd,
  StrayList,
  StrayPreview,
} from "./rpc.ts";
import { hasStrayDebts, lastUnansweredMs, payStrayDebts, type StrayDebtDeps } from "./stray-debts.ts";
import {
  boxFacts,
  boxOf,
  forgetIgnored,
  oweStray,
  setIgnored,
  strayDocuments,
  strayFingerprint,
  strayOf,
  strayTotal,
} from "./strays.ts";
import { fleetStub } from "./stubs.ts";

/** A search answers every fleet that asks the same within this time (design §2). */
const SEARCH_SHARED_MS = 30_000;
/** An offer and its machine are one fleet's for this long (design §2). */
const CLAIM_MS = 10 * 60_000;
/** The account is read again after this long: credit falls, and a key can be exchanged. */
const ACCOUNT_READ_MS = 15 * 60_000;
/** Between CHECKs the list is read at least this often, so that a vanished box is news within 90 s (design §8). */
const SWEEP_IDLE_MS = 80_000;
/** A sweep by itself comes a little later than the CHECK that would make it unnecessary. */
const SWEEP_SLACK = 1.25;
/** A page of the list or of a search waits this long for its place, and no longer. */
const PLACE_WAIT_MS = 20_000;
/** An alarm this far in the past is lost (platform reference §1). */
const ALARM_LATE_MS = 60_000;
/** A list of strays may be this old; a person who acts on one wants it newer. */
const STRAY_LIST_MS = 30_000;
const LOOK_AGAIN_MS = 5_000;
/** A sweep follows a destroy at once (design §3), and comes this often while a stray is owed. */
const SWEEP_AFTER_DESTROY_MS = 1_000;
const STRAY_DEBT_SWEEP_MS = 60_000;

export interface SweepWish {
  /** The reading must have begun after this instant: the fleet's last write. */
  readonly afterMs: number;
  /** Or be made anew when older than this. */
  readonly maxAgeMs: number;
}

export interface SweepAnswer {
  readonly reading: SweepReading;
  /** The account that this deployment is bound to: the first that answered. `null`: none has. */
  readonly boundAccountId: number | null;
  /** As the list was judged: what it shows of a market without credit is in it. */
  readonly account: AccountView;
}

export type SearchAnswer =
  | { readonly ok: true; readonly offers: readonly Offer[]; readonly isCapped: boolean }
  | { readonly ok: false; readonly reason: string };

/** What a fleet tells after each CHECK, so that the account knows how closely to look. */
export interface FleetPulse {
  readonly name: string;
  readonly isUnsettled: boolean;
  readonly cadenceSeconds: number;
  readonly target: number;
  /** `null`: its workers commit to none. */
  readonly examplesRepo: string | null;
  /** Boxes of other keepers that a person has made this fleet's. */
  readonly adopted: readonly number[];
  /** Absent in what an earlier version has told, like the next. */
  readonly weightsRepo?: string;
  readonly creditProbeSeconds?: number;
  /** A removed fleet: its name is still watched until then; `null` for one that exists. */
  readonly watchedUntilMs: number | null;
}

export class AccountKeeper extends DurableObject<Env> {
  readonly #store: AccountStore;
  readonly #vast: VastClient;
  readonly #hub: HubClient;
  /** The sweep under way, shared by all who may use it. */
  #sweeping: { readonly begunAtMs: number; readonly reading: Promise<SweepReading> } | null = null;
  #latest: SweepReading | null = null;
  /** Why the last sweep failed; `null`: it did not. */
  #sweepFailure: string | null = null;
  #searches = new Map<string, { readonly atMs: number; readonly answer: Promise<SearchAnswer> }>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AccountStore(ctx.storage);
    const config = readConfig(env);
    const baseUrl = config.vastUrl ?? "";
    this.#vast = createVastClient({
      outbound: createOutbound({
        fetch: (url, init) => fetch(url, init),
        allowedHosts: baseUrl === "" ? [] : vastHosts(baseUrl),
        slots: createSlots(),
      }),
      baseUrl,
      apiKey: config.vastApiKey,
      before: (route) => this.#waitForPlace(route),
      after: (route, _status, failure) => this.#learn(route, failure),
    });
    const hubUrl = config.hubUrl ?? "";
    this.#hub = createHubClient({
      outbound: createOutbound({
        fetch: (url, init) => fetch(url, init),
        allowedHosts: hubUrl === "" ? [] : hubHosts(hubUrl),
        slots: createSlots(),
      }),
      baseUrl: hubUrl,
      token: config.hfToken,
    });
  }

  override async alarm(): Promise<void> {
    await this.#armAlarm(Date.now() + SWEEP_IDLE_MS);
    for (const { name, watchedUntilMs } of this.#store.fleets())
      if ((watchedUntilMs ?? Infinity) < Date.now()) this.#store.removeFleet(name);
    forgetIgnored(this.#store, Date.now());
    if (this.#store.fleets().length === 0 && !hasStrayDebts(this.#store)) return;
    // Beside the sweep: a Hub that hangs must not hold up the list.
    this.ctx.waitUntil(
      readCommits(this.#store, this.#hub, () => Date.now()).catch((error: unknown) =>
        logEvent({ event: "account.commits", outcome: "failed", detail: String(error) }),
      ),
    );
    try {
      await this.sweep({ afterMs: lastUnansweredMs(this.#store), maxAgeMs: this.#sweepEveryMs() / 2 });
    } catch (error) {
      logEvent({ event: "account.alarm", outcome: "failed", detail: String(error) });
    }
    await this.#armAlarm(Date.now() + this.#sweepEveryMs());
  }

  /** This deployment's mark on the instances it rents; made once. */
  keeperId(): string {
    return this.#store.keeperId();
  }

  // --- the list -----------------------------------------------------------------------------------------------------

  async sweep(wish: SweepWish): Promise<SweepAnswer> {
    const reading = await this.#reading(wish);
    return { reading, boundAccountId: this.#store.accountId(), account: this.accountView() };
  }

  async #reading(wish: SweepWish): Promise<SweepReading> {
    const oldest = Math.max(wish.afterMs, Date.now() - wish.maxAgeMs);
    if (this.#latest?.ok === true && this.#latest.begunAtMs > oldest) return this.#latest;
    if (this.#sweeping !== null && this.#sweeping.begunAtMs > oldest) return this.#sweeping.reading;
    if (this.#sweeping !== null) {
      await this.#sweeping.reading;
      return this.#reading(wish);
    }
    const begunAtMs = Date.now();
    const reading = this.#readList(begunAtMs).finally(() => {
      this.#sweeping = null;
    });
    this.#sweeping = { begunAtMs, reading };
    return reading;
  }

  async #readList(begunAtMs: number): Promise<SweepReading> {
    const account = await this.#knownAccount();
    if (!account.ok) return this.#failedReading(begunAtMs, account.reason);
    const list = await this.#vast.list();
    if (!list.ok) return this.#failedReading(begunAtMs, list.reason);
    const { rows, totalInstances } = list;
    const { accountId } = account;
    const reading: SweepReading = { ok: true, begunAtMs, endedAtMs: Date.now(), accountId, totalInstances, rows };
    this.#sweepFailure = null;
    if (rows.length === totalInstances && accountId === this.#store.accountId()) {
      const news = this.#noteBoxes(rows);
      // Before any fleet sees the list: it may show boxes that the market has stopped for lack of credit.
      await this.#watchCredit(news);
      this.#tellNews(news);
    }
    this.#latest = reading;
    this.#payStrayDebts(reading);
    return reading;
  }

  /** Said once for as long as the reason stays the same; the fleets' state says for how long. */
  #failedReading(begunAtMs: number, reason: string): SweepReading {
    const endedAtMs = Date.now();
    if (reason !== this.#sweepFailure) {
      logEvent({ event: "account.sweep", outcome: "failed", durationMs: endedAtMs - begunAtMs, detail: reason });
    }
    this.#sweepFailure = reason;
    return { ok: false, begunAtMs, endedAtMs, reason };
  }

  /** The account behind the key, read again when the key changes or the reading is old. */
  async #knownAccount(): Promise<{ ok: true; accountId: number } | { ok: false; reason: string }> {
    const known = this.#store.account();
    const keyMark = await this.#keyMark();
    // A foreign account is asked for anew at each sweep: it may have been the market's mistake.
    const isOurs = known !== null && known.accountId === this.#store.accountId();
    if (isOurs && known.keyMark === keyMark && Date.now() - known.readAtMs < ACCOUNT_READ_MS)
      return { ok: true, accountId: known.accountId };
    const answer = await this.readAccount();
    if (answer.readAtMs !== null && answer.isFresh) return { ok: true, accountId: answer.accountId ?? 0 };
    // An account that was read with this very key before is still its account while the route does not answer.
    if (known !== null && known.keyMark === keyMark) return { ok: true, accountId: known.accountId };
    return { ok: false, reason: `the account does not answer: ${answer.failure ?? "no answer"}` };
  }

  async #keyMark(): Promise<string> {
    const key = readConfig(this.env).vastApiKey ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
    return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Reads the account now. Binds this deployment to the first account that answers. */
  async readAccount(): Promise<AccountView & { accountId: number | null; isFresh: boolean; failure: string | null }> {
    const answer = await this.#askAccount();
    if (!answer.ok)
      return {
        ...this.accountView(),
        accountId: this.#store.accountId(),
        isFresh: false,
        failure: describeFailure(answer.error),
      };
    return { ...this.accountView(), accountId: answer.value.accountId, isFresh: true, failure: null };
  }

  async #askAccount(): Promise<Result<Account, VastFailure>> {
    const askedAtMs = Date.now();
    const answer = await this.#vast.account();
    if (!answer.ok) return answer;
    const { accountId, creditUsd } = answer.value;
    this.#store.setAccount({ accountId, creditUsd, readAtMs: askedAtMs, keyMark: await this.#keyMark() });
    if (accountId === this.#store.accountId()) judgeCredit(this.#store, Date.now());
    return answer;
  }

  /** What is known of the account without asking. `readAtMs` counts only answers of the bound account. */
  accountView(): AccountView {
    const known = this.#store.account();
    const isOurs = known !== null && known.accountId === this.#store.accountId();
    return {
      creditUsd: known?.creditUsd ?? null,
      readAtMs: isOurs ? known.readAtMs : null,
      creditWait: this.#store.creditWait(),
    };
  }

  /** Asks for instances by id, because a list did not show them. */
  async confirm(instanceIds: readonly number[]): Promise<readonly (readonly [number, Confirmation])[]> {
    return Promise.all(
      instanceIds.map(async (instanceId) => {
        const answer = await this.#vast.one(instanceId);
        const confirmation: Confirmation = !answer.ok ? "unknown" : answer.value === null ? "absent" : "present";
        return [instanceId, confirmation] as const;
      }),
    );
  }

  /** Keeps what the list says of each box; answers what has changed, by fleet. */
  #noteBoxes(rows: readonly Instance[]): ReadonlyMap<string, readonly BoxNews[]> {
    const before = this.#store.boxes();
    const after = rows.map((row): BoxRow => ({
      instanceId: row.instanceId,
      label: row.label,
      status: row.actualStatus,
      intended: row.intendedStatus,
      usdPerHour: row.usdPerHour,
      gpu: row.gpu,
      startedAtMs: row.startedAtMs,
      keeperId: row.keeperId,
      ssh: formatSsh(row),
    }));
    this.#store.replaceBoxes(after);
    return diffBoxes(before, after);
  }

  /** Asks for the credit where the list gives a reason to, and begins or ends the wait for it. */
  async #watchCredit(changes: ReadonlyMap<string, readonly BoxNews[]>): Promise<void> {
    endUnwantedWait(this.#store, Date.now());
    const hasStopped = [...changes.values()].flat().some(({ what }) => what === "stopped");
    if (!wantsCreditReading(this.#store, hasStopped, Date.now())) return;
    const { isFresh } = await this.readAccount();
    // Not answered: what was left then, less the burn since, must do.
    if (!isFresh) judgeCredit(this.#store, Date.now());
  }

  /**
   * Known gap: news is told once. If the call to the fleet fails, its own next CHECK, within the steady cadence, finds it.
   */
  #tellNews(changes: ReadonlyMap<string, readonly BoxNews[]>): void {
    const fleets = new Set(this.#store.fleets().map(({ name }) => name));
    for (const [fleet, news] of changes) {
      if (!fleets.has(fleet)) continue;
      this.ctx.waitUntil(
        fleetStub(this.env, fleet)
          .hearNews(news)
          .catch((error: unknown) =>
            logEvent({ event: "account.news", outcome: "failed", fleet, detail: String(error) }),
          ),
      );
    }
  }

  // --- offers -------------------------------------------------------------------------------------------------------

  /** `pagesMax`: fewer pages than a CHECK reads, for those who only look. */
  async search(query: OfferQuery, pagesMax?: number): Promise<SearchAnswer> {
    const key = JSON.stringify([query, pagesMax]);
    const nowMs = Date.now();
    const shared = this.#searches.get(key);
    if (shared !== undefined && nowMs - shared.atMs < SEARCH_SHARED_MS) return shared.answer;
    for (const [old, { atMs }] of this.#searches) if (nowMs - atMs >= SEARCH_SHARED_MS) this.#searches.delete(old);
    const answer = this.#vast
      .searchPriced(query, pagesMax)
      .then((found): SearchAnswer =>
        found.ok
          ? { ok: true, offers: found.value.offers, isCapped: found.value.isCapped || found.value.failure !== null }
          : { ok: false, reason: describeFailure(found.error) },
      );
    this.#searches.set(key, { atMs: nowMs, answer });
    const settled = await answer;
    if (!settled.ok) this.#searches.delete(key);
    return settled;
  }

  /** When a fleet may send the rent of this offer; `null`: another fleet has claimed the offer or its machine. */
  admitRent(fleet: string, offer: ClaimedOffer): number | null {
    const nowMs = Date.now();
    if (!this.#store.claim(fleet, offer, nowMs, nowMs + CLAIM_MS)) return null;
    return this.reserve("rent", 1)[0] ?? nowMs;
  }

  // --- pace ---------------------------------------------------------------------------------------------------------

  /** Places for up to `count` calls of a route, none at or after `notAfterMs`: when each may start. Never holds the caller. */
  reserve(route: VastRoute, count: number, notAfterMs?: number): readonly number[] {
    const taken = takePlaces(this.#store.pace(route), count, Date.now(), notAfterMs);
    this.#store.setPace(route, taken.pace);
    return taken.startsAtMs;
  }

  /** How a call made elsewhere went; `null`: it was not refused for its rate. */
  learnPace(route: VastRoute, refused: RefusedCall | null): void {
    const pace = this.#store.pace(route);
    this.#store.setPace(route, refused === null ? learnSuccess(pace) : learnRefusal(pace, refused, Date.now()));
  }

  /** Waits briefly for a place; a longer wait is a refusal, so that no fleet's CHECK is held by a route's pace. */
  async #waitForPlace(route: VastRoute): Promise<VastFailure | void> {
    const [startAtMs] = this.reserve(route, 1, Date.now() + PLACE_WAIT_MS);
    if (startAtMs === undefined) {
      const message = `the pace of this route leaves no place within ${PLACE_WAIT_MS / 1000} s`;
      return { kind: "rate-limited", thresholdSeconds: null, retryAfterSeconds: null, message };
    }
    const waitMs = startAtMs - Date.now();
    if (waitMs > 0) await scheduler.wait(waitMs);
  }

  #learn(route: VastRoute, failure: VastFailure | null): void {
    this.learnPace(route, failure?.kind === "rate-limited" ? failure : null);
  }

  // --- credit, fingerprints, fleets ---------------------------------------------------------------------------------

  /** The market refused a rent for lack of credit, or for spending too fast: every fleet waits (design rule 19). */
  enterCreditWait(cause: CreditWait["cause"], why: string, probeSeconds: number): void {
    beginWait(this.#store, cause, why, probeSeconds, Date.now());
  }

  /**
   * One probe per interval over all fleets: reads the credit. At or below the floor the wait goes on; risen above it since
   * the refusal the wait is over; otherwise (no answer, or the market refused in spite of it) the fleet that asks may send
   * one rent, whose success ends the wait.
   */
  async probeCredit(probeSeconds: number): Promise<AccountView> {
    const wait = this.#store.creditWait();
    if (wait === null || Date.now() < wait.nextProbeAtMs) return this.accountView();
    this.#store.setCreditWait({ ...wait, nextProbeAtMs: Date.now() + probeSeconds * 1000 });
    await this.readAccount();
    const view = this.accountView();
    if (view.creditWait === null || isCreditLow(this.#store, Date.now())) return view;
    return { ...view, creditWait: { ...view.creditWait, nextProbeAtMs: Date.now() } };
  }

  credit(): CreditView {
    return viewCredit(this.#store, Date.now());
  }

  /** A rent has succeeded. One sent before the credit was found low says nothing of what is left. */
  leaveCreditWait(): void {
    if (!isCreditLow(this.#store, Date.now())) this.#store.setCreditWait(null);
  }

  isFingerprintProven(fingerprint: string): boolean {
    return this.#store.isFingerprintProven(fingerprint);
  }

  proveFingerprint(fingerprint: string): void {
    this.#store.proveFingerprint(fingerprint, Date.now());
  }

  /** The names of all fleets, for the cron trigger when D1 does not answer. */
  fleetNames(): readonly string[] {
    return this.#store.fleets().flatMap(({ name, watchedUntilMs }) => (watchedUntilMs === null ? [name] : []));
  }

  /** Workers that share an examples repo, over all fleets: what the commit budget is counted over (design rule 21). */
  workersOnRepo(examplesRepo: string, exceptFleet: string): number {
    const others = this.#store
      .fleets()
      .filter((fleet) => fleet.examplesRepo === examplesRepo && fleet.name !== exceptFleet);
    return others.reduce((sum, { target }) => sum + target, 0);
  }

  /** What others commit to a fleet's repos within the Hub's limit. */
  commitLoad(fleet: string, examplesRepo: string, weightsRepo: string): CommitLoad {
    return {
      otherWorkers: this.workersOnRepo(examplesRepo, fleet),
      learnerPerHour: learnerCommitsPerHour(this.#store, [examplesRepo, weightsRepo], Date.now()),
    };
  }

  async noteFleet(pulse: FleetPulse): Promise<void> {
    this.#store.setFleet(pulse);
    const dueAtMs = Date.now() + this.#sweepEveryMs();
    const armedAtMs = await this.ctx.storage.getAlarm();
    const isLost = armedAtMs === null || armedAtMs < Date.now() - ALARM_LATE_MS;
    if (isLost || armedAtMs > dueAtMs) await this.#armAlarm(dueAtMs);
  }

  boxOwner(instanceId: number): BoxOwner | null {
    const box = boxFacts(this.#store, instanceId);
    return box === null ? null : { instanceId, label: box.label, fleet: box.fleet };
  }

  /** One box of the account with its owner; the list is read anew where the last one does not show it. */
  async box(instanceId: number): Promise<Result<BoxFacts, DoorRefusal>> {
    const known = boxOf(this.#store, instanceId);
    if (known.ok) return known;
    await this.sweep({ afterMs: 0, maxAgeMs: LOOK_AGAIN_MS });
    return boxOf(this.#store, instanceId);
  }

  // --- strays ---------------------------------------------------------------------------------------------------------

  async strays(): Promise<StrayList> {
    const { reading } = await this.sweep({ afterMs: 0, maxAgeMs: STRAY_LIST_MS });
    const sweep = this.#proven(reading);
    const strays = strayDocuments(this.#store, Date.now());
    const notes = sweep.proven ? [] : [`no proven list now (${sweep.reason}): these are of the last one`];
    return { strays, total: strayTotal(strays), notes };
  }

  /** Without a look at the market: for those who show it beside other things. */
  strayBill(): StrayList["total"] {
    return strayTotal(strayDocuments(this.#store, Date.now()));
  }

  async ignoreStray(instanceId: number, isIgnored: boolean, actor: Actor): Promise<Result<BoxFacts, DoorRefusal>> {
    await this.box(instanceId);
    const stray = strayOf(this.#store, instanceId);
    if (stray.ok) setIgnored(this.#store, instanceId, isIgnored, actor, Date.now());
    return stray;
  }

  /** The stray and what a confirmation to end it is given for. */
  async previewStray(instanceId: number): Promise<Result<StrayPreview, DoorRefusal>> {
    await this.box(instanceId);
    const stray = strayOf(this.#store, instanceId);
    return stray.ok ? ok({ stray: stray.value, fingerprint: strayFingerprint(stray.value) }) : stray;
  }

  /** `fingerprint`: of the preview that was confirmed; `null`: forced. The debt stands until the box is proven gone. */
  async destroyStray(
    instanceId: number,
    fingerprint: string | null,
    actor: Actor,
  ): Promise<Result<StrayEnd, DoorRefusal>> {
    const { reading } = await this.sweep({ afterMs: 0, maxAgeMs: LOOK_AGAIN_MS });
    const stray = strayOf(this.#store, instanceId);
    if (!stray.ok) return stray;
    if (fingerprint !== null && fingerprint !== strayFingerprint(stray.value)) return confirmMismatch();
    oweStray(this.#store, instanceId, actor, Date.now());
    const sweep = this.#proven(reading);
    if (sweep.proven) await payStrayDebts(this.#debtDeps(), sweep.list);
    await this.#armAlarm(Date.now() + SWEEP_AFTER_DESTROY_MS);
    const debt = this.#store.strayDebts.get(String(instanceId));
    return ok({
      stray: stray.value,
      attempts: debt?.attempts ?? 0,
      lastError: debt?.lastError ?? null,
      waitsFor: sweep.proven ? null : sweep.reason,
    });
  }

  /** Gives a box another label, for the fleet that adopts it. */
  async relabel(instanceId: number, label: string): Promise<Relabelled> {
    const answer = await this.#vast.label(instanceId, label);
    // The last list shows the old label.
    this.#latest = null;
    if (answer.ok) {
      this.#store.strayWatched.delete(String(instanceId));
      return { kind: "done" };
    }
    const reason = describeFailure(answer.error);
    return { kind: isOutcomeUnknown(answer.error) ? "unknown" : "refused", reason };
  }

  #proven(reading: SweepReading): Sweep {
    return proveSweep(reading, { accountId: this.#store.accountId(), lastWriteAtMs: 0 });
  }

  #payStrayDebts(reading: SweepReading): void {
    const sweep = this.#proven(reading);
    if (!sweep.proven || !hasStrayDebts(this.#store)) return;
    this.ctx.waitUntil(
      payStrayDebts(this.#debtDeps(), sweep.list).catch((error: unknown) =>
        logEvent({ event: "account.stray-debts", outcome: "failed", detail: String(error) }),
      ),
    );
  }

  #debtDeps(): StrayDebtDeps {
    return {
      store: this.#store,
      destroy: (instanceId) => this.#vast.destroy(instanceId),
      confirm: (instanceIds) => this.confirm(instanceIds),
      readAccount: async () => (await this.readAccount()).readAtMs,
      accountReadAtMs: () => this.accountView().readAtMs,
      now: () => Date.now(),
      tell: (instanceId, message) => this.ctx.waitUntil(tellAccountEvent(this.env, instanceId, message)),
    };
  }

  // --- a look before a fleet is made ----------------------------------------------------------------------------------

  /** For a dry run: whose key it is, its credit, its SSH keys, what all boxes cost. */
  async facts(): Promise<AccountFacts> {
    const [answer, sshKeys] = await Promise.all([this.#askAccount(), this.#vast.sshKeys()]);
    return {
      account: asAsked(answer),
      sshKeys: asAsked(sshKeys),
      boundAccountId: this.#store.accountId(),
      usdPerHour: this.#latest === null ? null : viewCredit(this.#store, Date.now()).usdPerHour,
    };
  }

  /** As closely as the most restless fleet needs it; otherwise by the idle interval. */
  #sweepEveryMs(): number {
    const restless = this.#store.fleets().filter(({ isUnsettled }) => isUnsettled);
    const cadencesMs = restless.map(({ cadenceSeconds }) => cadenceSeconds * 1000 * SWEEP_SLACK);
    const debtsMs = this.#store.strayDebts.list().length === 0 ? [] : [STRAY_DEBT_SWEEP_MS];
    return Math.max(1000, Math.min(SWEEP_IDLE_MS, ...cadencesMs, ...debtsMs));
  }

  async #armAlarm(atMs: number): Promise<void> {
    await this.ctx.storage.setAlarm(atMs);
  }
}
