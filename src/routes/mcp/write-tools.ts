// Tools that change something and end nothing.

import { z } from "zod";
import type { FleetDocument } from "../../fleet/document.ts";
import type { AskDoor } from "./ask-door.ts";
import { fleetSummary, fleetSummarySchema } from "./fleet-summary.ts";
import { refusedResult, resultOf, toolResult } from "./result.ts";
import { addTool, fleetArgument, segment, type ToolTerms } from "./tool-kit.ts";

const onlyFleet = z.strictObject({ fleet: fleetArgument });
const oneFleet = z.looseObject({ fleet: fleetSummarySchema });
const machine = z.int().min(1).describe("Number of the machine, as fleet_status and hosts show it");

export function addWriteTools(terms: ToolTerms): void {
  addTool(terms, "write", {
    name: "check_now",
    title: "CHECK now",
    description:
      "Runs a CHECK at once: observes, replaces what has failed, rents what is missing. The keeper does so by itself at its interval.",
    input: onlyFleet,
    output: oneFleet,
    run: (ask, { fleet }) => act(ask, fleet, "check"),
  });

  addTool(terms, "idempotent-write", {
    name: "pause",
    title: "Pause a fleet",
    description: "The workers go on and cost on; nothing is rented or replaced until resume.",
    input: onlyFleet,
    output: oneFleet,
    run: (ask, { fleet }) => act(ask, fleet, "pause"),
  });

  addTool(terms, "idempotent-write", {
    name: "resume",
    title: "Resume a paused fleet",
    description: "After pause or stopAfterChecks. A fleet that is down takes a target by apply instead.",
    input: onlyFleet,
    output: oneFleet,
    run: (ask, { fleet }) => act(ask, fleet, "resume"),
  });

  addTool(terms, "idempotent-write", {
    name: "block_host",
    title: "Block a machine",
    description: "No fleet rents this machine until unblock_host. A worker that runs on it stays.",
    input: z.strictObject({ machineId: machine, note: z.string().optional().describe("Why") }),
    output: z.looseObject({ machineId: z.number(), blocked: z.boolean() }),
    run: async (ask, { machineId, ...body }) => resultOf(await ask("PUT", `/api/hosts/${machineId}/block`, { body })),
  });

  addTool(terms, "idempotent-write", {
    name: "unblock_host",
    title: "Pardon a machine",
    description: "Lifts a block and takes back the strikes that count now; later ones count.",
    input: z.strictObject({ machineId: machine }),
    output: z.looseObject({ machineId: z.number(), blocked: z.boolean() }),
    run: async (ask, { machineId }) => resultOf(await ask("DELETE", `/api/hosts/${machineId}/block`, { body: {} })),
  });
}

async function act(ask: AskDoor, fleet: string, what: "check" | "pause" | "resume") {
  const done = await ask<FleetDocument>("POST", `/api/fleets/${segment(fleet)}/${what}`, { body: {} });
  return done.isOk ? toolResult({ fleet: fleetSummary(done.document) }, done.text) : refusedResult(done);
}
