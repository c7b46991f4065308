// A fleet's alerts: judged with each CHECK, in the block that records it, and sent by the alarm. A fleet with a receiver of its
// own sends by itself; any other hands its news to the account's keeper, which makes one message of what all fleets say.

import { fleetConditions } from "../fleet/alert-facts.ts";
import { judgeAlerts, type Occasion } from "../fleet/alert.ts";
import type { AlertMessage } from "../fleet/alert-message.ts";
import type { DeliveryOutcome } from "../fleet/alert-delivery.ts";
import { maskSecrets, registerSecrets } from "../log.ts";
import { secretsOfWebhookUrl } from "../webhook-url.ts";
import { deliverDue, enqueueNotices, GROUP_MS, type OutboxDeps } from "./alert-outbox.ts";
import { sendAlert, type SenderDeps } from "./alert-sender.ts";
import type { AlertTarget } from "./alert-store.ts";
import { alertView, type AlertTrial, type AlertView, trialOf } from "./alert-view.ts";
import type { CheckDeps } from "./deps.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { recordEvent } from "./history.ts";

/** How a fleet sends to a receiver of its own; the deployment's secret signs where it has none. */
export interface AlertSender extends SenderDeps {
  readonly secret: string | null;
}

type Deps = Pick<CheckDeps, "store" | "now" | "newId" | "hasAlertReceiver">;

/** Of the CHECK that is being recorded: synchronous, and nothing is written where nothing is to be said. */
export function noteAlerts(
  deps: Deps,
  record: Pick<FleetRecord, "name" | "mode" | "spec">,
  plan: Pick<FleetRecord, "state" | "notes"> & { readonly memory: Parameters<typeof fleetConditions>[0]["memory"] },
  occasions: readonly Occasion[],
): void {
  const { store, now } = deps;
  const { alerts } = store;
  const hasOwn = alerts.target() !== null;
  if (!hasOwn && !deps.hasAlertReceiver) return alerts.setMemory([]);
  const { name, mode, spec } = record;
  const { state, notes, memory } = plan;
  const conditions = fleetConditions({ mode, state, target: spec.target, memory, notes });
  const judged = judgeAlerts(alerts.memory(), { conditions, occasions, nowMs: now() });
  alerts.setMemory(judged.memory);
  const notices = judged.notices.map((notice) => ({ ...notice, fleet: name }));
  enqueueNotices({ ...deps, store: alerts, tell: teller(deps, name) }, notices, hasOwn ? GROUP_MS : 0);
  armTimer(deps);
}

/** Sends what is due, and says when to come again. */
export async function deliverAlerts(deps: CheckDeps, sender: AlertSender): Promise<void> {
  const { store } = deps;
  const name = store.fleet()?.name ?? "";
  const outbox: OutboxDeps = {
    store: store.alerts,
    now: deps.now,
    newId: deps.newId,
    tell: teller(deps, name),
    send: (message) => send(deps, sender, message),
  };
  await deliverDue(outbox);
  armTimer(deps);
}

function armTimer({ store }: Pick<Deps, "store">): void {
  const dueAtMs = store.alerts.dueAtMs();
  if (dueAtMs !== null) store.timers.setNoLater("alert", dueAtMs);
}

async function send(deps: CheckDeps, sender: AlertSender, message: AlertMessage): Promise<DeliveryOutcome> {
  const target = receiverOf(deps, sender.secret);
  if (target !== null) return sendAlert(sender, target, message);
  if (message.content.type !== "alert") return { kind: "unusable", detail: "the receiver was taken away" };
  try {
    await deps.account.takeNotices(message.id, message.content.notices);
    return { kind: "taken", status: 200, detail: "handed to the account's keeper" };
  } catch (error) {
    return { kind: "lost", detail: `the account's keeper does not answer: ${String(error)}` };
  }
}

/** The fleet's own receiver, made unprintable in this isolate whenever it is looked at. */
function receiverOf({ store }: Pick<Deps, "store">, secret: string | null): AlertTarget | null {
  const target = store.alerts.target();
  if (target === null) return null;
  registerSecrets([...secretsOfWebhookUrl(target.url), target.secret]);
  return { ...target, secret: target.secret ?? secret };
}

function teller(deps: Deps, fleet: string): (text: string) => void {
  return (text) => {
    const terms = { id: deps.newId(), fleet, nowMs: deps.now() };
    recordEvent(deps.store, terms, { kind: "alert", message: text });
    deps.store.timers.setNoLater("flush", deps.now() + 1);
  };
}

/** `null` takes the receiver away. What waits goes to whatever receiver there is when its time comes. */
export function setReceiver(deps: Deps, target: AlertTarget | null, by: string): void {
  const record = deps.store.fleet();
  if (record === null) return;
  const before = deps.store.alerts.target();
  deps.store.alerts.setTarget(target);
  receiverOf(deps, null);
  if (JSON.stringify(before) === JSON.stringify(target)) return;
  const message = target === null ? `ALERTS: own receiver taken away by ${by}` : `ALERTS: own receiver set by ${by}`;
  recordEvent(deps.store, { id: deps.newId(), fleet: record.name, nowMs: deps.now() }, { kind: "spec", message });
}

export function fleetAlertView(deps: Deps, secret: string | null): AlertView {
  const { store, now } = deps;
  const record = store.fleet();
  if (record === null) return { alerts: [], receiver: null };
  const { name, mode, spec, state, notes } = record;
  const conditions = fleetConditions({ mode, state, target: spec.target, memory: store.memory(now()), notes });
  return alertView(store.alerts, conditions, { fleet: name, target: receiverOf(deps, secret), nowMs: now() });
}

/** Sends a message now; `null`: the fleet has no receiver of its own. */
export async function tryReceiver(deps: Deps, sender: AlertSender, by: string): Promise<AlertTrial | null> {
  const target = receiverOf(deps, sender.secret);
  if (target === null) return null;
  const message: AlertMessage = { id: deps.newId(), atMs: deps.now(), content: { type: "test", by } };
  const outcome = await sendAlert(sender, target, message);
  return trialOf(target, outcome, maskSecrets(outcome.detail));
}
