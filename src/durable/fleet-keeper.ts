// One object per fleet: the single writer of its spec, its mode and everything it remembers. The class owns storage, the
// alarm and the RPC methods; the work is in check.ts, log-rounds.ts and the *-commands.ts files.

import { DurableObject } from "cloudflare:workers";
import { type Env, readConfig } from "../env.ts";
import { isDue } from "../fleet/cadence.ts";
import { withDeadline } from "../deadline.ts";
import type { FleetDocument, PlanDocument } from "../fleet/document.ts";
import type { LogReport } from "../fleet/report.ts";
import { ok, type Result } from "../fleet/result.ts";
import type { SpecPatch, SpecRequest } from "../fleet/spec.ts";
import type { Workload } from "../fleet/workload.ts";
import { CLOSE } from "../fleet/live.ts";
import { describeFault, logEvent } from "../log.ts";
import { adoptAnswer, adoptStray } from "./adopt-command.ts";
import type { AlertTarget } from "./alert-store.ts";
import type { AlertTrial, AlertView } from "./alert-view.ts";
import { closeBreaker } from "./breaker-commands.ts";
import * as byHand from "./by-hand-commands.ts";
import { planOnly, runCheck } from "./check.ts";
import { makeCheckDeps } from "./check-deps.ts";
import type { CheckDeps } from "./deps.ts";
import { noSuchFleet } from "./fleet-access.ts";
import { type AlertSender, deliverAlerts, fleetAlertView, setReceiver, tryReceiver } from "./fleet-alerts.ts";
import { documentOf, planDocument } from "./fleet-document.ts";
import { fleetMetricsOf } from "./fleet-metrics.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { FleetStore } from "./fleet-store.ts";
import { hearHint } from "./hint-command.ts";
import * as launches from "./launch-commands.ts";
import { createLiveSockets, type LiveSockets } from "./live-sockets.ts";
import { openRound, recordReports } from "./log-rounds.ts";
import * as modes from "./mode-commands.ts";
import { underCheck } from "./observe.ts";
import { offerViewOf } from "./offer-view.ts";
import { flushOutbox } from "./outbox-flush.ts";
import { pulseOf, WATCH_AFTER_REMOVAL_MS } from "./publish.ts";
import type {
  Actor,
  AdoptAnswer,
  BoxFacts,
  BoxNews,
  ByHandAnswer,
  DoorRefusal,
  DownPreview,
  DryPutAnswer,
  FleetKeeperRpc,
  FleetMetrics,
  LaunchAnswer,
  OfferView,
  PutAnswer,
  SshAnswer,
  TakenWorkload,
  TickAnswer,
  TryOptions,
  UpRequest,
  VastHint,
  WorkerRef,
  WriteOptions,
} from "./rpc.ts";
import * as specs from "./spec-commands.ts";
import { accountStub, pollerStub, readLiveUntil } from "./stubs.ts";
import { trialStorage } from "./trial-storage.ts";
import { dueTimers, nextAlarmAt, type TimerKind } from "./timers.ts";
import * as workloads from "./workload-commands.ts";
import { findWorkload } from "./workload-records.ts";

/** A door that starts a CHECK answers within seconds; the CHECK goes on without it (design §6). */
const DOOR_WAIT_MS = 8_000;
/** An alarm waits for its CHECK this long, and goes on without it. */
const CHECK_HEARD_MS = 30_000;
/** Between two looks whether a running CHECK has ended. */
const BUSY_WAIT_MS = 250;
/** Cron finds an alarm lost when it is missing or this far in the past (platform reference §1). */
const ALARM_LATE_MS = 60_000;

export class FleetKeeper extends DurableObject<Env> implements FleetKeeperRpc {
  #openStore: FleetStore | null = null;
  #openDeps: CheckDeps | null = null;
  /** One flush at a time. */
  #flushing: Promise<void> | null = null;
  #delivering: Promise<void> | null = null;
  readonly #live: LiveSockets;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#live = createLiveSockets({
      ctx,
      describe: () => (this.#exists() ? documentOf(this.#deps) : null),
      now: () => Date.now(),
      sleep: (ms) => scheduler.wait(ms),
    });
  }

  // --- the alarm ------------------------------------------------------------------------------------------------------

  override async alarm(): Promise<void> {
    const store = this.#store;
    const nowMs = Date.now();
    const due = new Set(dueTimers(store.timers.list(), nowMs).map(({ kind }) => kind));
    // Re-armed before any work: whatever happens below, the object wakes again. A log round arms its own timer, and comes
    // before a CHECK, which may take a minute.
    if (due.has("check")) store.timers.set("check", nowMs + 60_000);
    if (due.has("flush")) store.timers.clear("flush");
    if (due.has("alert")) store.timers.clear("alert");
    if (due.has("log-round")) this.#dispatchLogs();
    await this.#armAlarm();
    const fleet = store.fleet();
    if (fleet === null) return;
    const isWatchOver = fleet.removedAtMs !== null && nowMs - fleet.removedAtMs > WATCH_AFTER_REMOVAL_MS;
    if (isWatchOver && store.isEmpty()) return this.#forgetEverything();
    if (due.has("alert")) this.#deliverAlerts();
    if (due.has("flush")) await this.#tried("flush", () => this.#flush());
    if (due.has("check")) await this.#forAWhile(this.#tried("check", () => this.#check()));
    await this.#armAlarm();
  }

  /** A CHECK may wait minutes for its turns to rent; the next alarm, for logs and for what is to be said, does not. */
  async #forAWhile(check: Promise<void>): Promise<void> {
    this.ctx.waitUntil(check);
    await withDeadline(check, CHECK_HEARD_MS).catch(() => undefined);
  }

  /** What one timer asks for must not keep the others from their turn. */
  async #tried(timer: TimerKind, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const fleet = this.#store.fleet()?.name ?? "";
      logEvent({ event: "fleet.alarm", outcome: "failed", fleet, timer, detail: describeFault(error) });
    }
  }

  /** Setting an alarm is a row written: one that stands is left. */
  async #armAlarm(): Promise<void> {
    const armedAtMs = await this.ctx.storage.getAlarm();
    const atMs = nextAlarmAt(this.#store.timers.list(), Date.now());
    if (armedAtMs !== atMs) await this.ctx.storage.setAlarm(atMs);
  }

  /** The watch over a removed fleet's name is over: no row and no alarm is left. */
  async #forgetEverything(): Promise<void> {
    this.#openStore = null;
    this.#openDeps = null;
    await this.ctx.storage.deleteAll();
  }

  #dispatchLogs(): void {
    const store = this.#store;
    try {
      const batch = openRound(this.#deps);
      if (batch === null) return;
      const failed = (error: unknown): void =>
        logEvent({ event: "fleet.dispatch", outcome: "failed", fleet: batch.fleet, detail: describeFault(error) });
      this.ctx.waitUntil(pollerStub(this.ctx).poll(batch).catch(failed));
    } catch (error) {
      // The timer that is due stands, and would wake the object again at once.
      store.timers.set("log-round", Date.now() + 60_000);
      const fleet = store.fleet()?.name ?? "";
      logEvent({ event: "fleet.alarm", outcome: "failed", fleet, timer: "log-round", detail: describeFault(error) });
    }
  }

  /** Not waited for: a receiver that hangs holds up no CHECK. One delivery at a time. */
  #deliverAlerts(): void {
    this.#delivering ??= deliverAlerts(this.#deps, this.#sender())
      .catch((error: unknown) => logEvent({ event: "fleet.alerts", outcome: "failed", detail: describeFault(error) }))
      .then(() => {
        this.#delivering = null;
        return this.#armAlarm();
      });
    this.ctx.waitUntil(this.#delivering);
  }

  #sender(): AlertSender {
    const { publicUrl, alertWebhookSecret } = readConfig(this.env);
    return {
      fetch: (url, init) => fetch(url, init),
      now: () => Date.now(),
      address: publicUrl,
      secret: alertWebhookSecret,
    };
  }

  // --- cron and news --------------------------------------------------------------------------------------------------

  async tick(scheduledAtMs: number): Promise<TickAnswer> {
    const store = this.#store;
    const fleet = store.fleet();
    if (fleet === null) return "no-fleet";
    await this.#rearmIfLost();
    if (fleet.lastDueTickMs !== null && scheduledAtMs <= fleet.lastDueTickMs) return "already-ticked";
    // A tick that asks for nothing writes nothing: it comes each minute, for each fleet.
    if (!isDue(scheduledAtMs, fleet.lastDueTickMs, fleet.cadenceSeconds)) return "not-due";
    store.changeFleet({ lastDueTickMs: scheduledAtMs });
    const outcome = await this.#check();
    if (outcome !== "done") return outcome;
    modes.countScheduledCheck(this.#deps);
    return "checked";
  }

  /** An alarm can be lost in a deploy storm; cron puts it back. */
  async #rearmIfLost(): Promise<void> {
    const armedAtMs = await this.ctx.storage.getAlarm();
    if (armedAtMs === null || armedAtMs < Date.now() - ALARM_LATE_MS) await this.#armAlarm();
  }

  async recordReports(round: number, reports: readonly LogReport[]): Promise<void> {
    if (!this.#exists()) return;
    await recordReports(this.#deps, round, reports);
    this.#live.announce();
    await this.#armAlarm();
  }

  /** Only news about boxes that this fleet believes alive, or does not know yet, asks for a CHECK. */
  async hearNews(news: readonly BoxNews[]): Promise<void> {
    if (this.ctx.storage.kv.get("fleet") === undefined) return;
    const store = this.#store;
    const concerns = news.some(({ instanceId, what }) => {
      const isExpected =
        store.debt(instanceId) !== null ||
        store.memory(Date.now()).intents.some((intent) => intent.instanceId === instanceId);
      return (
        !isExpected && (what === "appeared" ? store.worker(instanceId) === null : store.worker(instanceId) !== null)
      );
    });
    if (!concerns) return;
    store.timers.setNoLater("check", Date.now() + 1);
    await this.#armAlarm();
  }

  async hearHint(hint: VastHint): Promise<void> {
    if (this.#exists() && hearHint(this.#deps, hint)) await this.#armAlarm();
  }

  // --- doors ----------------------------------------------------------------------------------------------------------

  async describe(): Promise<FleetDocument | null> {
    return this.#exists() ? documentOf(this.#deps) : null;
  }

  async put(fleet: string, request: SpecRequest, options: WriteOptions): Promise<Result<PutAnswer, DoorRefusal>> {
    const found = await this.#findWorkload(fleet, request, false);
    return this.#published(specs.put(this.#deps, fleet, request, options, found));
  }

  async patch(patch: SpecPatch, options: WriteOptions): Promise<Result<PutAnswer, DoorRefusal>> {
    const found = await this.#findWorkload("", patch, true);
    return this.#published(specs.patch(this.#deps, patch, options, found));
  }

  async planSpec(
    fleet: string,
    request: SpecRequest | SpecPatch,
    options: TryOptions,
  ): Promise<Result<DryPutAnswer, DoorRefusal>> {
    // Any reader may try any name: what does not exist is tried on a storage that keeps nothing.
    const isKnown = this.ctx.storage.kv.get("fleet") !== undefined;
    const deps = isKnown ? this.#deps : makeCheckDeps(this.env, new FleetStore(trialStorage()), () => undefined);
    const found = await findWorkload(deps, specs.specOf(deps, fleet, request, options.isPatch).workload);
    return specs.planSpec(deps, fleet, request, options, found);
  }

  async takeWorkload(workload: Workload, actor: Actor): Promise<Result<TakenWorkload, DoorRefusal>> {
    if (!this.#exists()) return ok({ isTaken: false, mismatched: [] });
    return this.#published(workloads.takeWorkload(this.#deps, workload, actor));
  }

  async up(fleet: string, request: UpRequest, actor: Actor): Promise<Result<LaunchAnswer, DoorRefusal>> {
    const found = await this.#findWorkload(fleet, { preset: request.preset }, true);
    const started = launches.up(this.#deps, fleet, request, actor, found);
    return started.ok ? ok(await this.#launch(started.value)) : started;
  }

  async replenish(count: number, actor: Actor): Promise<Result<LaunchAnswer, DoorRefusal>> {
    if (!this.#exists()) return noSuchFleet();
    const started = launches.replenish(this.#deps, count, actor, ok(this.#deps.workload()));
    return started.ok ? ok(await this.#launch(started.value)) : started;
  }

  async previewDown(): Promise<Result<DownPreview, DoorRefusal>> {
    return this.#exists() ? modes.previewDown(this.#deps) : noSuchFleet();
  }

  async down(fingerprint: string | null, actor: Actor): Promise<Result<FleetDocument, DoorRefusal>> {
    return this.#published(modes.down(this.#deps, fingerprint, actor));
  }

  async replaceWorker(slot: number, actor: Actor): Promise<Result<ByHandAnswer, DoorRefusal>> {
    return this.#exists() ? this.#byHand(byHand.orderReplace(this.#deps, slot, actor)) : noSuchFleet();
  }

  async endInstance(id: number, shrink: boolean, actor: Actor): Promise<Result<ByHandAnswer, DoorRefusal>> {
    return this.#exists() ? this.#byHand(byHand.orderEnd(this.#deps, id, shrink, actor)) : noSuchFleet();
  }

  async ssh(worker: WorkerRef): Promise<Result<SshAnswer, DoorRefusal>> {
    return this.#exists() ? byHand.sshOf(this.#deps, worker) : noSuchFleet();
  }

  async adopt(stray: BoxFacts, actor: Actor): Promise<Result<AdoptAnswer, DoorRefusal>> {
    if (!this.#exists()) return noSuchFleet();
    const adopted = await adoptStray(this.#deps, stray, actor);
    if (adopted.ok && adopted.value.hasRoom) await this.#patiently(this.#checkOnceFree());
    await this.#tellOthers();
    return adopted.ok ? ok(adoptAnswer(this.#deps, stray, adopted.value)) : adopted;
  }

  async pause(actor: Actor): Promise<Result<FleetDocument, DoorRefusal>> {
    return this.#published(modes.changeMode(this.#deps, "paused", actor));
  }

  async resume(actor: Actor): Promise<Result<FleetDocument, DoorRefusal>> {
    return this.#published(modes.changeMode(this.#deps, "active", actor));
  }

  async closeBreaker(actor: Actor): Promise<Result<FleetDocument, DoorRefusal>> {
    return this.#published(closeBreaker(this.#deps, actor));
  }

  async remove(actor: Actor): Promise<Result<{ readonly removed: string }, DoorRefusal>> {
    const removed = modes.remove(this.#deps, actor);
    if (!removed.ok) return removed;
    this.#live.closeAll(CLOSE.fleetRemoved);
    return this.#published(removed);
  }

  async check(_actor: Actor): Promise<Result<FleetDocument, DoorRefusal>> {
    if (!this.#exists()) return noSuchFleet();
    await this.#patiently(this.#check());
    return ok(documentOf(this.#deps));
  }

  async plan(): Promise<Result<PlanDocument, DoorRefusal>> {
    const fleet = this.#exists() ? this.#store.fleet() : null;
    if (fleet === null) return noSuchFleet();
    return ok(planDocument(await planOnly(this.#deps, underCheck(fleet))));
  }

  async metrics(): Promise<FleetMetrics | null> {
    return this.#exists() ? fleetMetricsOf(this.#deps) : null;
  }

  async offerView(): Promise<OfferView | null> {
    const fleet = this.#exists() ? this.#store.fleet() : null;
    return fleet === null ? null : offerViewOf(this.#deps, fleet.spec);
  }

  // --- alerts ---------------------------------------------------------------------------------------------------------

  async alertView(): Promise<AlertView | null> {
    return this.#exists() ? fleetAlertView(this.#deps, readConfig(this.env).alertWebhookSecret) : null;
  }

  async setReceiver(target: AlertTarget | null, actor: Actor): Promise<Result<AlertView, DoorRefusal>> {
    if (!this.#exists()) return noSuchFleet();
    setReceiver(this.#deps, target, actor.name);
    await this.#tellOthers();
    return ok(fleetAlertView(this.#deps, readConfig(this.env).alertWebhookSecret));
  }

  async tryReceiver(actor: Actor): Promise<Result<AlertTrial | null, DoorRefusal>> {
    if (!this.#exists()) return noSuchFleet();
    return ok(await tryReceiver(this.#deps, this.#sender(), actor.name));
  }

  // --- open pages ------------------------------------------------------------------------------------------------------

  /** An upgrade to a WebSocket, from the door for live views: nothing else reaches an object by fetch. */
  override async fetch(request: Request): Promise<Response> {
    if (!this.#exists()) return new Response(null, { status: 404 });
    const page = this.#live.open(readLiveUntil(request));
    return page === null ? new Response(null, { status: 503 }) : new Response(null, { status: 101, webSocket: page });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#live.hear(socket, message);
  }

  /** A page that closes waits for the answer to its closing. */
  override webSocketClose(socket: WebSocket): void {
    this.#live.leave(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#live.leave(socket);
  }

  // --- inside ---------------------------------------------------------------------------------------------------------

  async #check(): Promise<"done" | "busy" | "no-fleet"> {
    try {
      const { kind } = await runCheck(this.#deps);
      if (kind === "done") await workloads.refreshWorkload(this.#deps);
      return kind;
    } finally {
      this.#live.announce();
      await this.#armAlarm();
      await this.#flush();
    }
  }

  /** A fleet that does not exist has no workload to patch: what follows says so. */
  #findWorkload(fleet: string, request: SpecPatch, isPatch: boolean): Promise<Result<Workload, DoorRefusal>> {
    return findWorkload(this.#deps, specs.specOf(this.#deps, fleet, request, isPatch).workload);
  }

  /** After a change of spec or mode: tell the world, then look at once. */
  async #published<T>(outcome: Result<T, DoorRefusal>): Promise<Result<T, DoorRefusal>> {
    if (!outcome.ok) return outcome;
    this.#store.timers.setNoLater("check", Date.now() + 1);
    await this.#tellOthers();
    return outcome;
  }

  /** The alarm first: whatever fails after it, the object wakes and goes on. */
  async #tellOthers(): Promise<void> {
    this.#live.announce();
    await this.#armAlarm();
    const fleet = this.#store.fleet();
    if (fleet !== null) {
      const pulse = pulseOf(fleet, this.#store.memory(Date.now()), this.#deps.workload());
      await accountStub(this.env).noteFleet(pulse);
    }
    await this.#flush();
  }

  async #launch(started: launches.LaunchStart): Promise<LaunchAnswer> {
    const work = this.#checkOnceFree();
    const isDone = await this.#patiently(work);
    await this.#tellOthers();
    return launches.launchAnswer(this.#deps, started, !isDone);
  }

  async #byHand(started: Result<byHand.ByHandStart, DoorRefusal>): Promise<Result<ByHandAnswer, DoorRefusal>> {
    if (!started.ok) return started;
    const isDone = await this.#patiently(this.#checkOnceFree());
    await this.#tellOthers();
    return ok(byHand.byHandAnswer(this.#deps, started.value, !isDone));
  }

  /** A CHECK of our own, after the one that may be running: that one may have begun before what is asked for. */
  async #checkOnceFree(): Promise<void> {
    const endMs = Date.now() + DOOR_WAIT_MS;
    while ((await this.#check()) === "busy" && Date.now() < endMs) await scheduler.wait(BUSY_WAIT_MS);
  }

  /** Waits for work as long as a door may; `false` when it goes on without us. */
  async #patiently(work: Promise<unknown>): Promise<boolean> {
    this.ctx.waitUntil(
      work.catch((error: unknown) =>
        logEvent({ event: "fleet.check", outcome: "failed", detail: describeFault(error) }),
      ),
    );
    return Promise.race([work.then(() => true), scheduler.wait(DOOR_WAIT_MS).then(() => false)]);
  }

  async #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    if (await flushOutbox(this.#store, this.env.DB, () => Date.now())) await this.#armAlarm();
  }

  /** Asked without making a table, so that a door can ask for any name. A removed fleet exists for nobody but itself. */
  #exists(): boolean {
    return this.ctx.storage.kv.get<FleetRecord>("fleet")?.removedAtMs === null;
  }

  get #store(): FleetStore {
    if (this.#openStore === null) {
      this.#openStore = new FleetStore(this.ctx.storage);
      // There is one object at a time: a lease found at its birth is of a CHECK that died with the one before.
      this.#openStore.forgetLease();
    }
    return this.#openStore;
  }

  get #deps(): CheckDeps {
    this.#openDeps ??= makeCheckDeps(this.env, this.#store, () => this.#live.announce());
    return this.#openDeps;
  }
}
