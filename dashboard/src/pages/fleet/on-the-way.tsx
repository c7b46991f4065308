// What is neither there nor gone: rents under way, instances being destroyed, orders, a roll-out.

import type { FleetDocument } from "../../api/shapes.ts";
import { Card } from "../../ui/parts.tsx";
import { Ago } from "../../ui/times.tsx";
import { count, duration, usdPerHour } from "../../view/format.ts";

interface Line {
  readonly id: string;
  readonly word: string;
  readonly text: string;
  /** An instant that the text ends with. */
  readonly at?: string;
}

export function OnTheWay({ fleet }: { readonly fleet: FleetDocument }) {
  const { intents, debts, orders, rollOut, breaker } = fleet;
  const lines: readonly Line[] = [
    ...intents.map(({ id, slot, gpu, usdPerHour: price, ageSeconds, state }) => ({
      id,
      word: "RENT",
      text: `worker ${slot}: ${gpu} at ${usdPerHour(price)}, ${state} for ${duration(ageSeconds)}`,
    })),
    ...orders.map(({ instanceId, slot, by, ageSeconds }) => ({
      id: `order ${instanceId}`,
      word: "ORDER",
      text: `worker ${slot} (${instanceId}) is to go, asked by ${by} ${duration(ageSeconds)} ago`,
    })),
    ...debts.map(({ instanceId, reason, attempts, lastError, ageSeconds }) => ({
      id: `debt ${instanceId}`,
      word: "DESTROY",
      text: `${instanceId}: ${reason}; ${attempts === 0 ? "not sent yet" : `asked ${attempts}×`}, ${duration(ageSeconds)}${lastError === null ? "" : `, last answer: ${lastError}`}`,
    })),
    ...(rollOut === null
      ? []
      : [
          {
            id: "roll-out",
            word: "ROLL-OUT",
            text: `version ${rollOut.specVersion}, by ${rollOut.by}, for ${duration(rollOut.ageSeconds)}`,
          },
        ]),
    ...(breaker === null
      ? []
      : [
          {
            id: "breaker",
            word: "BREAKER",
            text: `${breaker.reason}; ${count(breaker.tries, "canary", "canaries")} met it again; one is tried again`,
            at: breaker.nextCanaryAt,
          },
        ]),
  ];
  if (lines.length === 0) return null;
  return (
    <Card title="On the way" class="tight" testId="on-the-way">
      <ul class="pending">
        {lines.map(({ id, word, text, at }) => (
          <li key={id}>
            <span class="event-lead">{word}</span> {text} {at === undefined ? null : <Ago at={at} />}
          </li>
        ))}
      </ul>
    </Card>
  );
}
