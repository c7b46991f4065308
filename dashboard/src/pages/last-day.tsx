// The night in four figures, above the fleets: what it cost, what it gave, who died. The whole of it is the morning list.

import { useEffect, useState } from "preact/hooks";
import type { DailyReport } from "../api/shapes.ts";
import { useAnswer } from "../data/query.ts";
import { AnswerNote } from "../ui/answered.tsx";
import { Figure } from "../ui/parts.tsx";
import { compact, count, usd } from "../view/format.ts";

/** It asks the Hub as well; figures of a day do not change by the minute. */
const EVERY_SECONDS = 900;
/** The fleets come first, and their sockets: this answer takes the keeper the longest. */
const FIRST_MS = 600;

export function LastDay() {
  const [isTime, setTime] = useState(false);
  useEffect(() => {
    const wait = setTimeout(() => setTime(true), FIRST_MS);
    return () => clearTimeout(wait);
  }, []);
  const answer = useAnswer<DailyReport>(isTime ? "/api/reports/daily" : null, EVERY_SECONDS);
  const { value, problem } = answer;
  const note = <AnswerNote answer={answer} what="The figures of the last 24 hours are" />;
  if (value === null && problem !== null) return note;
  const word = (text: (report: DailyReport) => string) =>
    value === null ? <span class="skeleton-word" aria-label="loading" role="img" /> : text(value);
  const hosts = value?.hosts ?? null;
  return (
    <section aria-label="The last 24 hours" class="last-day" data-testid="last-day">
      {note}
      <dl class="figures">
        <Figure label="Spent, 24 h" value={word(({ cost }) => usd(cost.spentUsd))} note={<a href="/cost">by day</a>} />
        <Figure
          label="Games, 24 h"
          value={word(({ cost }) => compact(cost.games))}
          note={word(({ cost }) =>
            cost.usdPerMillionGames === null ? "–" : `${usd(cost.usdPerMillionGames)} a million`,
          )}
        />
        <Figure
          label="Died, 24 h"
          value={word(({ ended }) => (ended === null ? "–" : String(ended.died)))}
          note={<a href="/history">who and why</a>}
        />
        <Figure
          label="Strikes, 24 h"
          value={word(() => (hosts === null ? "–" : String(hosts.strikes)))}
          note={
            <a href="/hosts">
              {word(() => (hosts === null ? "hosts" : `${count(hosts.newlyBlocked.length, "host")} blocked`))}
            </a>
          }
        />
      </dl>
    </section>
  );
}
