// One fleet: how it is, who works in it, what happened, and what one may do about it.

import { useState } from "preact/hooks";
import type { EventPage } from "../../api/shapes.ts";
import { fleetCell, fleetCells } from "../../data/fleets.ts";
import { useAnswer } from "../../data/query.ts";
import { Answered } from "../../ui/answered.tsx";
import { Button, Card, Empty, Notes, PageHead, Skeleton } from "../../ui/parts.tsx";
import { EventList } from "../event-list.tsx";
import { FleetCharts } from "./charts.tsx";
import { FleetHead } from "./head.tsx";
import { OnTheWay } from "./on-the-way.tsx";
import { SpecCard } from "./spec-card.tsx";
import { Workers } from "./workers.tsx";

/** At first; the rest is one touch away. */
const FIRST = 12;
const EVENTS = 60;

export function FleetPage({ name }: { readonly name: string }) {
  const cell = fleetCell(name);
  if (cell === null) {
    return (
      <>
        <PageHead title={name} />
        {fleetCells.value === null ? (
          <Skeleton rows={6} height={64} />
        ) : (
          <Empty title={`There is no fleet named ${name}`}>
            <p>
              It may have been removed. <a href="/">All fleets</a>
            </p>
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <FleetHead cell={cell} />
      <FleetNotes notes={cell.document.value.notes} />
      <Workers cell={cell} />
      <OnTheWay fleet={cell.document.value} />
      <div class="columns">
        <Timeline fleet={name} />
        <div class="stack">
          <FleetCharts fleet={name} />
          <SpecCard fleet={cell.document.value} />
        </div>
      </div>
    </>
  );
}

function FleetNotes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <Card title="What the last CHECK says" class="tight">
      <Notes notes={notes} />
    </Card>
  );
}

function Timeline({ fleet }: { readonly fleet: string }) {
  const [isOpen, setOpen] = useState(false);
  const newest = useAnswer<EventPage>(`/api/events?fleet=${fleet}&since=7d&limit=${EVENTS}`, 5);
  return (
    <Card title="Timeline" aside={<a href={`/events?fleet=${fleet}`}>All events</a>} testId="timeline">
      <Answered answer={newest} wait={<Skeleton rows={6} height={48} />}>
        {({ events }) =>
          events.length === 0 ? (
            <Empty title="Nothing has happened in 7 days" />
          ) : (
            <>
              <EventList events={isOpen ? events : events.slice(0, FIRST)} />
              {isOpen || events.length <= FIRST ? null : (
                <div class="more">
                  <Button onClick={() => setOpen(true)}>Earlier</Button>
                </div>
              )}
            </>
          )
        }
      </Answered>
    </Card>
  );
}
