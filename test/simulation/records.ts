// What must hold of all that was written down, when a world is over: every end has its reason, every strike a fault of the
// host, and nothing shows a secret.

import { peek } from "./peek.ts";
import type { FleetPlan, Scenario } from "./scenario.ts";
import { SECRETS, START_MS, type World } from "./world.ts";

export type Report = (invariant: string, detail: string) => void;

export interface Watched {
  /** Boxes whose destroy a fleet has sent, with that fleet. */
  readonly sentAway: ReadonlyMap<number, string>;
  /** Boxes on machines that treat them badly. */
  readonly onBadHosts: ReadonlySet<number>;
  readonly report: Report;
}

export function checkRecords(world: World, scenario: Scenario, watched: Watched): void {
  const { platform, market } = world;
  const { report } = watched;
  const { db } = platform.d1;
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
  for (const { name } of tables)
    lookForSecrets(`D1 table ${name}`, JSON.stringify(db.prepare(`SELECT * FROM ${name}`).all()), report);
  for (const [key, object] of platform.objects) lookForSecrets(`storage of ${key}`, object.storage.dump(), report);
  for (const fleet of scenario.fleets) checkReasons(world, fleet, watched);
  checkBlame(world, scenario, watched);
  if (market.state.calls.authorizationToLogs > 0) report("no secret leaves", "the key went to the log store");
}

/** Events that say why an instance was destroyed: when it was, when that failed, or when its absence was proven. */
const REASONS: ReadonlySet<string> = new Set(["destroy", "destroy-failed", "debt-settled"]);

/** Each instance whose destroy a fleet has sent is told of with the reason, in D1 or on its way there, or is owed still. */
function checkReasons(world: World, { name }: FleetPlan, { sentAway, report }: Watched): void {
  const store = peek(world, name);
  const rows = world.platform.d1.db
    .prepare("SELECT kind, instance_id AS instanceId FROM events WHERE fleet = ? AND instance_id IS NOT NULL")
    .all(name) as { kind: string; instanceId: number }[];
  const waiting = store?.outbox(100_000).flatMap(({ row }) => (row.kind === "event" ? [row.row] : [])) ?? [];
  const told = [...rows, ...waiting].flatMap(({ kind, instanceId }) => (REASONS.has(kind) ? [instanceId] : []));
  const owed = store?.memory(world.nowMs).debts.map(({ instanceId }) => instanceId) ?? [];
  const explained = new Set([...told, ...owed]);
  for (const [id, fleet] of sentAway)
    if (fleet === name && !explained.has(id)) report("no destroy is without a reason", `${name}: ${id}`);
}

/** What excuses a strike had begun when it was counted. */
function checkBlame(world: World, scenario: Scenario, { onBadHosts, report }: Watched): void {
  const strikes = world.platform.d1.db
    .prepare(
      "SELECT strikes.instance_id AS id, strikes.reason AS reason, strikes.at_ms AS atMs FROM strikes LEFT JOIN strike_refunds ON strike_id = strikes.id WHERE strike_id IS NULL",
    )
    .all() as { id: number; reason: string; atMs: number }[];
  for (const { id, reason, atMs } of strikes) {
    const box = world.market.state.boxes.get(id);
    const isHostsFault =
      box === undefined ||
      onBadHosts.has(id) ||
      scenario.acts.some(
        (act) =>
          START_MS + act.atMs <= atMs &&
          (act.kind === "credit" ||
            (act.kind === "fault" &&
              (act.match?.label === box.label || (act.match === undefined && /^(box-|host-)/.test(act.name))))),
      );
    if (!isHostsFault) report("no strike is without a host's fault", `machine of ${id}: ${reason}`);
  }
}

export function lookForSecrets(where: string, text: string, report: Report): void {
  for (const secret of Object.values(SECRETS))
    if (text.includes(secret))
      report(
        "no secret is shown",
        `${where}: …${text.slice(Math.max(0, text.indexOf(secret) - 80), text.indexOf(secret))}`,
      );
}
