// The account's alerts, and the deployment's receiver: what the fleets hand over and what the account itself has to say
// becomes one message for all that is so at once. Sent beside the sweeps, by the object's one alarm.

import type { Config } from "../env.ts";
import { type AccountFactsForAlerts, accountConditions } from "../fleet/alert-facts.ts";
import { judgeAlerts } from "../fleet/alert.ts";
import type { AddressedNotice, AlertMessage } from "../fleet/alert-message.ts";
import { maskSecrets } from "../log.ts";
import type { Fetch } from "../outbound.ts";
import { deliverDue, enqueue, enqueueNotices, GROUP_MS, type OutboxDeps } from "./alert-outbox.ts";
import { sendAlert } from "./alert-sender.ts";
import type { AlertStore, AlertTarget } from "./alert-store.ts";
import type { AccountStore } from "./account-store.ts";
import { viewCredit } from "./credit-watch.ts";
import { strayDocuments } from "./strays.ts";
import { alertView, type AlertTrial, type AlertView, trialOf } from "./alert-view.ts";

export interface AccountAlertsDeps {
  readonly store: AlertStore;
  readonly config: () => Pick<Config, "alertWebhookUrl" | "alertWebhookFormat" | "alertWebhookSecret" | "publicUrl">;
  readonly facts: () => AccountFactsForAlerts;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly newId: () => string;
  readonly tell: (text: string) => void;
}

export interface AccountAlerts {
  /** Judges what is so now. True: something waits to be sent that did not before. */
  note(): boolean;
  /** From a fleet, under the id of its own message: handed over twice, it counts once. */
  take(id: string, notices: readonly AddressedNotice[]): void;
  takeReport(day: string, lines: readonly string[]): void;
  deliver(): Promise<void>;
  dueAtMs(): number | null;
  view(): AlertView;
  /** `null`: there is no receiver. */
  trial(by: string): Promise<AlertTrial | null>;
}

/** What is known of the account now, without asking. */
export function alertFacts(store: AccountStore, nowMs: number): AccountFactsForAlerts {
  const { hoursLeft, creditUsd, usdPerHour } = viewCredit(store, nowMs);
  const strays = strayDocuments(store, nowMs).filter(({ ignored }) => !ignored);
  return { creditWait: store.creditWait(), hoursLeft, creditUsd, usdPerHour, strays };
}

/** Ids of fleets' messages that were taken over, so that a lost answer does not double one. */
const TAKEN_KEPT = 50;

export function createAccountAlerts(deps: AccountAlertsDeps): AccountAlerts {
  const { store, now } = deps;
  let taken: readonly string[] = [];
  let delivering: Promise<void> | null = null;

  const target = (): AlertTarget | null => {
    const { alertWebhookUrl: url, alertWebhookFormat: format, alertWebhookSecret: secret } = deps.config();
    return url === null ? null : { url, format, secret };
  };
  const send = (to: AlertTarget, message: AlertMessage): ReturnType<typeof sendAlert> =>
    sendAlert({ fetch: deps.fetch, now, address: deps.config().publicUrl }, to, message);
  const outbox: OutboxDeps = {
    store,
    now,
    newId: deps.newId,
    tell: deps.tell,
    send: async (message) => {
      const to = target();
      return to === null ? { kind: "unusable", detail: "ALERT_WEBHOOK_URL is not set any more" } : send(to, message);
    },
  };

  return {
    note() {
      if (target() === null) {
        store.setMemory([]);
        return false;
      }
      const judged = judgeAlerts(store.memory(), { conditions: accountConditions(deps.facts()), nowMs: now() });
      store.setMemory(judged.memory);
      const notices = judged.notices.map((notice) => ({ ...notice, fleet: null }));
      enqueueNotices(outbox, notices, GROUP_MS);
      return notices.length > 0;
    },
    take(id, notices) {
      if (taken.includes(id) || target() === null) return;
      enqueueNotices(outbox, notices, GROUP_MS);
      taken = [...taken, id].slice(-TAKEN_KEPT);
    },
    takeReport(day, lines) {
      if (target() === null || (store.reportDay() ?? "") >= day) return;
      store.setReportDay(day);
      enqueue(outbox, `report-${day}`, { type: "report", day, lines: lines.map((line) => maskSecrets(line)) }, 0);
    },
    async deliver() {
      delivering ??= deliverDue(outbox).finally(() => {
        delivering = null;
      });
      await delivering;
    },
    dueAtMs: () => store.dueAtMs(),
    view: () => alertView(store, accountConditions(deps.facts()), { fleet: null, target: target(), nowMs: now() }),
    async trial(by) {
      const to = target();
      if (to === null) return null;
      const message: AlertMessage = { id: deps.newId(), atMs: now(), content: { type: "test", by } };
      const outcome = await send(to, message);
      return trialOf(to, outcome, maskSecrets(outcome.detail));
    },
  };
}
