// What changed between two proven lists that a fleet must hear of at once (design §2): a box of its that vanished,
// stopped, appeared or rose in price. Pure.

import { parseLabel } from "../fleet/label.ts";
import { badStatusOf } from "../fleet/status.ts";
import type { BoxRow } from "./account-store.ts";
import type { BoxNews } from "./rpc.ts";

export function diffBoxes(
  before: readonly BoxRow[],
  after: readonly BoxRow[],
): ReadonlyMap<string, readonly BoxNews[]> {
  const known = new Map(before.map((box) => [box.instanceId, box]));
  const listed = new Set(after.map(({ instanceId }) => instanceId));
  const news = [
    ...after.flatMap((box) => {
      const what = changeOf(known.get(box.instanceId), box);
      return what === null ? [] : [{ box, what }];
    }),
    ...before.filter(({ instanceId }) => !listed.has(instanceId)).map((box) => ({ box, what: "vanished" as const })),
  ];
  const byFleet = new Map<string, BoxNews[]>();
  for (const { box, what } of news) {
    const fleet = parseLabel(box.label)?.fleet;
    if (fleet === undefined) continue;
    byFleet.set(fleet, [...(byFleet.get(fleet) ?? []), { instanceId: box.instanceId, what }]);
  }
  return byFleet;
}

function changeOf(before: BoxRow | undefined, after: BoxRow): BoxNews["what"] | null {
  if (before === undefined) return "appeared";
  if (isStopped(after) && !isStopped(before)) return "stopped";
  if (after.usdPerHour !== null && before.usdPerHour !== null && after.usdPerHour > before.usdPerHour)
    return "price-rose";
  return null;
}

function isStopped(box: BoxRow): boolean {
  return badStatusOf({ actualStatus: box.status, intendedStatus: box.intended, currentState: null }) !== null;
}
