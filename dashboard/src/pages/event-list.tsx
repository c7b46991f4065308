// What happened, newest first; each with its evidence behind "why?".

import type { EventDocument, Scalar } from "../api/shapes.ts";
import { At } from "../ui/times.tsx";
import { ShapeMark } from "../ui/status.tsx";
import { eventView, evidenceText, nameText } from "../view/events.ts";

export function EventList(props: { readonly events: readonly EventDocument[]; readonly hasFleet?: boolean }) {
  return (
    <ol class="timeline">
      {props.events.map((event) => (
        <EventRow key={event.id} event={event} hasFleet={props.hasFleet === true} />
      ))}
    </ol>
  );
}

function EventRow({ event, hasFleet }: { readonly event: EventDocument; readonly hasFleet: boolean }) {
  const { tone, shape, lead, rest } = eventView(event);
  const facts = Object.entries(event.evidence);
  return (
    <li class="event">
      <span class={`event-mark tone-${tone}`}>
        <ShapeMark shape={shape} />
      </span>
      <div class="event-body">
        <p class="event-text">
          {lead === "" ? null : <span class={`event-lead tone-${tone}`}>{lead}</span>} {rest}
        </p>
        <div class="event-foot">
          <At at={event.at} />
          {hasFleet && event.fleet !== null ? <a href={`/fleets/${event.fleet}`}>{event.fleet}</a> : null}
          {event.instanceId === null ? null : <a href={`/instances/${event.instanceId}/logs`}>log</a>}
          {facts.length === 0 ? null : (
            <details>
              <summary>why?</summary>
              <Evidence facts={facts} />
            </details>
          )}
        </div>
      </div>
    </li>
  );
}

export function Evidence({ facts }: { readonly facts: readonly (readonly [string, Scalar])[] }) {
  return (
    <dl class="evidence">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{nameText(name)}</dt>
          <dd>{evidenceText(name, value)}</dd>
        </div>
      ))}
    </dl>
  );
}
