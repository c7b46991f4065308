// One object per Vast account. Limits, the instance list and the credit belong to the account, so all fleets share one
// sweep, one search (for 30 s) and one pace per route here. It reads and tells; it never rents, and destroys only boxes of
// no fleet that a person has ordered to go.

import { DurableObject } from "cloudflare:workers";
import type { ObservedRates } from "../db/throughput.ts";
import type { Env } from "../env.ts";
import type { Confirmation } from "../fleet/absence.ts";
import type { AddressedNotice } from "../fleet/alert-message.ts";
import type { CommitLoad } from "../fleet/commit-load.ts";
import type { OfferQuery } from "../fleet/offer.ts";
import type { Result } from "../fleet/result.ts";
import type { AccountView } from "../fleet/situation.ts";
import type { SweepReading } from "../fleet/sweep.ts";
import { statusClassOf } from "../fleet/tally.ts";
import { describeFault, logEvent } from "../log.ts";
import { describeFailure, isOutcomeUnknown, type VastRoute } from "../vast/client.ts";
import type { VastNotification } from "../vast/notification.ts";
import { type AccountFacts, asAsked } from "./account-facts.ts";
import type { NewsByFleet } from "./account-list.ts";
import { accountMetricsOf } from "./account-metrics.ts";
import { type AccountParts, makeAccountParts } from "./account-parts.ts";
import type { AccountReading } from "./account-reader.ts";
import { type AccountStore, type ClaimedOffer, type CreditWait, existingFleets } from "./account-store.ts";
import type { FirstAnswer, FirstLook, FleetPulse, SearchAnswer, SweepAnswer, SweepWish } from "./account-words.ts";
import type { AlertTrial, AlertView } from "./alert-view.ts";
import { askByIds } from "./by-ids.ts";
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
import type { RefusedCall } from "./pace.ts";
import type {
  AccountMetrics,
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
import { hasStrayDebts, lastUnansweredMs } from "./stray-debts.ts";
import { LOOK_AGAIN_MS } from "./stray-desk.ts";
import { boxFacts, boxOf, forgetIgnored } from "./strays.ts";
import { fleetStub } from "./stubs.ts";
import { idleAgeMs, SWEEP_IDLE_MS, sweepPauseMs } from "./sweep-rhythm.ts";

/** An offer and its machine are one fleet's for this long (design §2). */
const CLAIM_MS = 10 * 60_000;
/** A sweep by itself comes a little later than the CHECK that would make it unnecessary. */
const SWEEP_SLACK = 1.25;
/** An alarm this far in the past is lost (platform reference §1). */
const ALARM_LATE_MS = 60_000;
/** A sweep follows a destroy at once (design §3), and comes this often while a stray is owed. */
const SWEEP_AFTER_DESTROY_MS = 1_000;
const STRAY_DEBT_SWEEP_MS = 60_000;
/** A message that is due while another is on its way waits this long. */
const ALERT_SOONEST_MS = 5_000;
const SOONEST_MS = 5;

export class AccountKeeper extends DurableObject<Env> {
  readonly #parts: AccountParts;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = makeAccountParts(ctx.storage, {
      env: () => this.env,
      beforeShown: (news) => this.#beforeShown(news),
      onReading: (reading) => this.#payStrayDebts(reading),
      sweep: (wish) => this.sweep(wish),
      box: (instanceId) => this.box(instanceId),
      confirm: (instanceIds) => this.confirm(instanceIds),
      later: (work) => this.ctx.waitUntil(work),
    });
  }

  get #store(): AccountStore {
    return this.#parts.store;
  }

  override async alarm(): Promise<void> {
    await this.#armAlarm(Date.now() + SWEEP_IDLE_MS);
    for (const { name, watchedUntilMs } of this.#store.fleets())
      if ((watchedUntilMs ?? Infinity) < Date.now()) this.#store.removeFleet(name);
    forgetIgnored(this.#store, Date.now());
    // Beside the sweep: a receiver that hangs must not hold up the list.
    if ((this.#parts.alerts.dueAtMs() ?? Infinity) <= Date.now()) this.ctx.waitUntil(this.#deliverAlerts());
    if (this.#store.fleets().length === 0 && !hasStrayDebts(this.#store)) return;
    // Beside the sweep: a Hub that hangs must not hold up the list.
    this.ctx.waitUntil(
      readCommits(this.#store, this.#parts.hub, () => Date.now()).catch((error: unknown) =>
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

  // --- the list -----------------------------------------------------------------------------------------------------

  async sweep(wish: SweepWish): Promise<SweepAnswer> {
    const reading = await this.#parts.list.reading(wish);
    this.#store.keepCalls();
    await this.#noteAlerts();
    return { reading, boundAccountId: this.#store.accountId(), account: this.accountView() };
  }

  /** The list, and what else of the account a CHECK begins with. */
  async look({ fleet, fingerprint, repos, isIdle, afterMs, maxAgeMs: askedMs }: FirstLook): Promise<FirstAnswer> {
    const oldestMs = Date.now() - askedMs;
    const answer = await this.sweep({
      afterMs,
      maxAgeMs: isIdle ? Math.max(askedMs, idleAgeMs(this.#parts.list.lastTookMs())) : askedMs,
    });
    return {
      ...answer,
      isListOld: isIdle && answer.reading.begunAtMs < oldestMs,
      keeperId: this.#store.keeperId(),
      isFingerprintProven: this.#store.isFingerprintProven(fingerprint),
      commits: repos === null ? null : this.#commitLoad(fleet, repos),
    };
  }

  /** What people are told must not keep a list from the fleets. */
  async #noteAlerts(): Promise<void> {
    try {
      if (this.#parts.alerts.note()) await this.#armForAlerts();
    } catch (error) {
      logEvent({ event: "account.alerts", outcome: "failed", detail: describeFault(error) });
    }
  }

  readAccount(): Promise<AccountReading> {
    return this.#parts.reader.read();
  }

  accountView(): AccountView {
    return this.#parts.reader.view();
  }

  /** Asks for instances by id, because a list did not show them. */
  confirm(instanceIds: readonly number[]): Promise<readonly (readonly [number, Confirmation])[]> {
    return askByIds(this.#parts.vast, instanceIds);
  }

  /** Before any fleet sees the list: it may show boxes that the market has stopped for lack of credit. */
  async #beforeShown(news: NewsByFleet): Promise<void> {
    await this.#watchCredit(news);
    this.#tellNews(news);
  }

  /** Asks for the credit where the list gives a reason to, and begins or ends the wait for it. */
  async #watchCredit(changes: ReadonlyMap<string, readonly BoxNews[]>): Promise<void> {
    endUnwantedWait(this.#store, Date.now());
    const hasStopped = [...changes.values()].flat().some(({ what }) => what === "stopped");
    if (!wantsCreditReading(this.#store, hasStopped, Date.now())) return;
    const { isFresh } = await this.#parts.reader.read();
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
  search(query: OfferQuery, pagesMax?: number): Promise<SearchAnswer> {
    return this.#parts.searches(query, pagesMax);
  }

  /** What machines and GPU types have given with these weights. */
  rates(weightsName: string): Promise<ObservedRates> {
    return this.#parts.rates(weightsName);
  }

  /** When a fleet may send the rent of this offer; `null`: another fleet has claimed the offer or its machine. */
  admitRent(fleet: string, offer: ClaimedOffer): number | null {
    const nowMs = Date.now();
    if (!this.#store.claim(fleet, offer, nowMs, nowMs + CLAIM_MS)) return null;
    return this.reserve("rent", 1)[0] ?? nowMs;
  }

  // --- pace ---------------------------------------------------------------------------------------------------------

  /** Places for up to `count` calls of a route, none at or after `notAfterMs`: when each may start. */
  reserve(route: VastRoute, count: number, notAfterMs?: number): readonly number[] {
    return this.#parts.pace.reserve(route, count, notAfterMs);
  }

  placeNow(route: VastRoute, startAtMs: number): number {
    return this.#parts.pace.placeNow(route, startAtMs);
  }

  /** How a call made elsewhere went; `null`: it was not refused for its rate. */
  learnPace(route: VastRoute, refused: RefusedCall | null): void {
    this.#parts.pace.learn(route, refused);
  }

  /** For `/metrics`: a call that a person has caused. */
  countCall(route: VastRoute, status: number | "lost"): void {
    this.#store.countCall(route, statusClassOf(status));
    this.#store.keepCalls();
  }

  metrics(): AccountMetrics {
    return accountMetricsOf(this.#store, this.#parts.list.readAtMs(), Date.now());
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
    await this.#parts.reader.read();
    const view = this.#parts.reader.view();
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

  proveFingerprint(fingerprint: string): void {
    this.#store.proveFingerprint(fingerprint, Date.now());
  }

  /** The names of all fleets, for the cron trigger when D1 does not answer. */
  fleetNames(): readonly string[] {
    return existingFleets(this.#store);
  }

  /** Workers that share an examples repo, over all fleets: what the commit budget is counted over (design rule 21). */
  workersOnRepo(examplesRepo: string, exceptFleet: string): number {
    const others = this.#store
      .fleets()
      .filter((fleet) => fleet.examplesRepo === examplesRepo && fleet.name !== exceptFleet);
    return others.reduce((sum, { target }) => sum + target, 0);
  }

  /** What others commit to a fleet's repos within the Hub's limit. */
  #commitLoad(fleet: string, { examplesRepo, weightsRepo }: NonNullable<FirstLook["repos"]>): CommitLoad {
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

  strays(): Promise<StrayList> {
    return this.#parts.strayDesk.list();
  }

  /** Without a look at the market: for those who show it beside other things. */
  strayBill(): StrayList["total"] {
    return this.#parts.strayDesk.bill();
  }

  ignoreStray(instanceId: number, isIgnored: boolean, actor: Actor): Promise<Result<BoxFacts, DoorRefusal>> {
    return this.#parts.strayDesk.ignore(instanceId, isIgnored, actor);
  }

  previewStray(instanceId: number): Promise<Result<StrayPreview, DoorRefusal>> {
    return this.#parts.strayDesk.preview(instanceId);
  }

  async destroyStray(
    instanceId: number,
    fingerprint: string | null,
    actor: Actor,
  ): Promise<Result<StrayEnd, DoorRefusal>> {
    const ended = await this.#parts.strayDesk.destroy(instanceId, fingerprint, actor);
    if (ended.ok) await this.#armAlarm(Date.now() + SWEEP_AFTER_DESTROY_MS);
    return ended;
  }

  /** Gives a box another label, for the fleet that adopts it. */
  async relabel(instanceId: number, label: string): Promise<Relabelled> {
    const answer = await this.#parts.vast.label(instanceId, label);
    // The last list shows the old label.
    this.#parts.list.forget();
    if (answer.ok) {
      this.#store.strayWatched.delete(String(instanceId));
      return { kind: "done" };
    }
    const reason = describeFailure(answer.error);
    return { kind: isOutcomeUnknown(answer.error) ? "unknown" : "refused", reason };
  }

  // --- hints ----------------------------------------------------------------------------------------------------------

  /** Vast tells that something happened. Answered at once, followed afterwards; false: this event was here before. */
  hint(notification: VastNotification): boolean {
    if (!this.#parts.hints.isNew(notification)) return false;
    this.ctx.waitUntil(
      this.#parts.hints
        .follow(notification)
        .catch((error: unknown) => logEvent({ event: "account.hint", outcome: "failed", detail: String(error) })),
    );
    return true;
  }

  // --- alerts ---------------------------------------------------------------------------------------------------------

  /** What a fleet without a receiver of its own has to say. */
  async takeNotices(id: string, notices: readonly AddressedNotice[]): Promise<void> {
    this.#parts.alerts.take(id, notices);
    await this.#armForAlerts();
  }

  /** The report of a UTC day, to be sent once. */
  async takeReport(day: string, lines: readonly string[]): Promise<void> {
    this.#parts.alerts.takeReport(day, lines);
    await this.#armForAlerts();
  }

  alertView(): AlertView {
    return this.#parts.alerts.view();
  }

  /** Sends a message now; `null`: the deployment has no receiver. */
  tryReceiver(actor: Actor): Promise<AlertTrial | null> {
    return this.#parts.alerts.trial(actor.name);
  }

  async #deliverAlerts(): Promise<void> {
    try {
      await this.#parts.alerts.deliver();
    } catch (error) {
      logEvent({ event: "account.alerts", outcome: "failed", detail: String(error) });
    }
    await this.#armForAlerts();
  }

  /** The one alarm, no later than the next message wants to go. */
  async #armForAlerts(): Promise<void> {
    const dueAtMs = this.#parts.alerts.dueAtMs();
    if (dueAtMs === null) return;
    const armedAtMs = await this.ctx.storage.getAlarm();
    if (armedAtMs === null || armedAtMs > dueAtMs) await this.#armAlarm(dueAtMs);
  }

  // --- a look before a fleet is made ----------------------------------------------------------------------------------

  /** For a dry run: whose key it is, its credit, its SSH keys, what all boxes cost. */
  async facts(): Promise<AccountFacts> {
    const [answer, sshKeys] = await Promise.all([this.#parts.reader.ask(), this.#parts.vast.sshKeys()]);
    return {
      account: asAsked(answer),
      sshKeys: asAsked(sshKeys),
      boundAccountId: this.#store.accountId(),
      usdPerHour: !this.#parts.list.hasReading() ? null : viewCredit(this.#store, Date.now()).usdPerHour,
    };
  }

  #payStrayDebts(reading: SweepReading): void {
    this.ctx.waitUntil(
      this.#parts.strayDesk
        .payDebts(reading)
        .catch((error: unknown) =>
          logEvent({ event: "account.stray-debts", outcome: "failed", detail: String(error) }),
        ),
    );
  }

  /** As closely as the most restless fleet needs it; otherwise by the idle interval. */
  #sweepEveryMs(): number {
    const restless = this.#store.fleets().filter(({ isUnsettled }) => isUnsettled);
    const cadencesMs = restless.map(({ cadenceSeconds }) => cadenceSeconds * 1000 * SWEEP_SLACK);
    const debtsMs = this.#store.strayDebts.list().length === 0 ? [] : [STRAY_DEBT_SWEEP_MS];
    return sweepPauseMs(this.#parts.list.lastTookMs(), Math.min(...cadencesMs, ...debtsMs));
  }

  async #armAlarm(atMs: number): Promise<void> {
    const dueAtMs = Math.max(this.#parts.alerts.dueAtMs() ?? Infinity, Date.now() + ALERT_SOONEST_MS);
    // `setAlarm(now)` inside an alarm can stall in production (platform reference §1), and what is due may be past.
    await this.ctx.storage.setAlarm(Math.max(Math.min(atMs, dueAtMs), Date.now() + SOONEST_MS));
  }
}
