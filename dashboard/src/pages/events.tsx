// Everything that happened, by fleet and by kind, back as far as it is kept.

import { useEffect, useState } from "preact/hooks";
import { call } from "../api/call.ts";
import type { EventDocument, EventPage } from "../api/shapes.ts";
import { fleetCells } from "../data/fleets.ts";
import { useAnswer } from "../data/query.ts";
import { query, setQuery } from "../router.ts";
import { Answered } from "../ui/answered.tsx";
import { Button, Card, Empty, PageHead, Skeleton } from "../ui/parts.tsx";
import { Select } from "../ui/select.tsx";
import { eventGroups } from "../view/events.ts";
import { EventList } from "./event-list.tsx";

const spans: readonly (readonly [string, string])[] = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["90d", "90 days"],
];

export function EventsPage() {
  const fleet = query.value.get("fleet") ?? "";
  const kind = query.value.get("kind") ?? "";
  const since = query.value.get("since") ?? "24h";
  const wish = new URLSearchParams({
    since,
    limit: "100",
    ...(fleet === "" ? {} : { fleet }),
    ...(kind === "" ? {} : { kind }),
  });
  const path = `/api/events?${wish.toString()}`;
  const newest = useAnswer<EventPage>(path, 5);
  const [older, setOlder] = useState<{
    readonly path: string;
    readonly events: readonly EventDocument[];
    readonly next: string | null;
  } | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => setOlder(null), [path]);

  const next = older === null ? (newest.value?.nextBefore ?? null) : older.next;
  const more = async (): Promise<void> => {
    if (next === null) return;
    setBusy(true);
    const answer = await call<EventPage>(`${path}&before=${encodeURIComponent(next)}`);
    setBusy(false);
    if (answer.ok)
      setOlder({ path, events: [...(older?.events ?? []), ...answer.value.events], next: answer.value.nextBefore });
  };
  const names = (fleetCells.value ?? []).map(({ name }) => name);
  const fresh = newest.value?.events ?? [];
  const known = new Set(fresh.map(({ id }) => id));
  const events = [...fresh, ...(older?.events ?? []).filter(({ id }) => !known.has(id))];
  return (
    <>
      <PageHead title="Events" lead="What happened, why, and who asked for it." />
      <div class="toolbar">
        <Select
          label="Fleet"
          value={fleet}
          options={[["", "All fleets"], ...names.map((name) => [name, name] as const)]}
          onChange={(name) => setQuery("fleet", name)}
        />
        <Select label="Kind" value={kind} options={eventGroups} onChange={(name) => setQuery("kind", name)} />
        <Select label="Since" value={since} options={spans} onChange={(name) => setQuery("since", name)} />
      </div>
      <Card>
        <Answered answer={newest} wait={<Skeleton rows={10} height={48} />}>
          {() =>
            events.length === 0 ? (
              <Empty title="Nothing of this kind has happened">A longer span or another kind may show more.</Empty>
            ) : (
              <>
                <EventList events={events} hasFleet={fleet === ""} />
                {next === null ? null : (
                  <div class="more">
                    <Button isBusy={isBusy} onClick={() => void more()}>
                      Older events
                    </Button>
                  </div>
                )}
              </>
            )
          }
        </Answered>
      </Card>
    </>
  );
}
