// The tool that explains: what a fleet or one of its workers has been through, with the evidence of each step.

import { z } from "zod";
import type { FleetDocument, WorkerDocument } from "../../fleet/document.ts";
import type { FleetEvent } from "../../fleet/event.ts";
import { textOf } from "../table.ts";
import { fleetSummary } from "./fleet-summary.ts";
import { refusedResult, toolResult } from "./result.ts";
import { addTool, fleetArgument, segment, slotArgument, type ToolTerms } from "./tool-kit.ts";

/** A door's page; of these the ones that concern the question are shown. */
const EVENTS_READ = 500;
const EVENTS_SHOWN = 30;

type EventDocument = Omit<FleetEvent, "atMs"> & { readonly at: string };

export function addWhyTool(terms: ToolTerms): void {
  addTool(terms, "read", {
    name: "why",
    title: "Why a fleet or a worker is as it is",
    description:
      "Explains: state and notes of a fleet, and its events (rents, replacements, strikes, breaker) with reason and evidence, newest first. " +
      "With slot or instanceId: of that worker alone, those that held the slot before it included. Instances that are gone can be asked for.",
    input: z.strictObject({
      fleet: fleetArgument,
      slot: slotArgument.optional(),
      instanceId: z.int().min(1).optional(),
      since: z.string().default("24h").describe('"24h", "7d", "90m" ago, or an instant'),
    }),
    output: z.looseObject({
      state: z.string(),
      notes: z.array(z.string()),
      events: z.array(z.looseObject({ at: z.string(), kind: z.string(), message: z.string() })),
    }),
    run: async (ask, { fleet: name, slot, instanceId, since }) => {
      const found = await ask<FleetDocument>("GET", `/api/fleets/${segment(name)}`);
      if (!found.isOk) return refusedResult(found);
      const read = async (about: { readonly slot?: number; readonly instance?: number }) =>
        ask<{ events: EventDocument[]; nextBefore: string | null }>("GET", "/api/events", {
          query: { fleet: name, since, limit: EVENTS_READ, ...about },
        });
      const reads = await Promise.all([
        ...(slot === undefined ? [] : [read({ slot })]),
        ...(instanceId === undefined ? [] : [read({ instance: instanceId })]),
        ...(slot === undefined && instanceId === undefined ? [read({})] : []),
      ]);
      const failed = reads.find((one) => !one.isOk);
      // A fleet can be explained by its notes alone while D1 is silent; a question that is wrong is refused.
      if (failed !== undefined && !failed.isOk && failed.status < 500) return refusedResult(failed);
      const { document: fleet } = found;
      const worker = fleet.workers.find((one) => one.slot === slot || one.instanceId === instanceId) ?? null;
      const pages = reads.flatMap((one) => (one.isOk ? [one.document] : []));
      const byId = new Map(pages.flatMap((page) => page.events).map((event) => [event.id, event]));
      const all = [...byId.values()].toSorted((a, b) => (a.at < b.at ? 1 : -1));
      const events = all.slice(0, EVENTS_SHOWN).map(({ id: _, fleet: __, ...event }) => event);
      const { workers: ___, ...summary } = fleetSummary(fleet);
      const silent = failed === undefined || failed.isOk ? [] : [`events are missing: ${failed.problem.detail}`];
      const document = {
        ...summary,
        notes: [...fleet.notes, ...silent],
        worker,
        events,
        eventsLeftOut: all.length - events.length,
        hasOlderEvents: pages.some(({ nextBefore }) => nextBefore !== null),
      };
      return toolResult(document, textOf(lines(fleet, worker, events, silent)));
    },
  });
}

function lines(
  fleet: FleetDocument,
  worker: WorkerDocument | null,
  events: readonly Omit<EventDocument, "id" | "fleet">[],
  silent: readonly string[],
): readonly string[] {
  const { name, state, totals, notes } = fleet;
  return [
    `${name}: ${state}, ${totals.producing}/${totals.live} up, CHECK #${fleet.checks} at ${fleet.lastCheckAt ?? "no time yet"}`,
    ...notes.map((note) => `  ${note}`),
    ...(worker === null
      ? []
      : [
          `worker ${worker.slot}: instance ${worker.instanceId}, ${worker.gpu ?? "?"}, ${worker.verdict}: ${worker.detail}`,
        ]),
    ...events.map(({ at, message, evidence }) => {
      const facts = Object.entries(evidence).map(([key, value]) => `${key}=${String(value)}`);
      return `${at}  ${message}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
    }),
    ...(events.length === 0 ? ["no events in this time"] : []),
    ...silent,
  ];
}
