// Tools that end instances. The first call ends nothing: it answers what would go and a value; the same call with the value
// does it. The value of `down` is the door's own. One worker's door asks nothing, so its value is made here, of the same
// stuff: it fits that instance alone, and the instance is then ended by its number, whoever has its slot by then.

import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { ByHandAnswer } from "../../durable/rpc.ts";
import type { FleetDocument } from "../../fleet/document.ts";
import { confirmWorker } from "../confirm.ts";
import type { AskDoor } from "./ask-door.ts";
import { fleetSummary, fleetSummarySchema } from "./fleet-summary.ts";
import { confirmResult, refusedResult, toolResult } from "./result.ts";
import { addTool, confirmArgument, fleetArgument, segment, slotArgument, type ToolTerms } from "./tool-kit.ts";
import { wouldEnd } from "./would-end.ts";

const asked = { needsConfirmation: z.boolean().optional(), confirm: z.string().optional() };

export function addEndTools(terms: ToolTerms): void {
  addTool(terms, "end", {
    name: "down",
    title: "End fleets",
    description:
      "Destroys every worker of a fleet, or of all fleets that a prefix names. Asks first: without confirm it answers what would be ended and " +
      "the value, and ends nothing. Ask the person before the second call. pause stops replacing without ending anything.",
    input: z.strictObject({
      fleet: fleetArgument.optional(),
      prefix: z.string().optional().describe('Instead of fleet: "zeb" ends zeb and every zeb-…'),
      confirm: confirmArgument,
    }),
    output: z.looseObject({ ...asked, fleets: z.array(fleetSummarySchema).optional() }),
    run: async (ask, { fleet, prefix, confirm }) => {
      const consent = confirm === undefined ? {} : { confirm };
      if ((fleet === undefined) === (prefix === undefined)) return oneOf("fleet", "prefix");
      return fleet === undefined ? downAll(ask, { prefix: prefix ?? "", ...consent }) : downOne(ask, fleet, consent);
    },
  });

  addTool(terms, "end", {
    name: "replace_worker",
    title: "Replace one worker",
    description:
      "Destroys the instance in a slot; another is rented, the target stays. Asks first, like down. A worker that has failed is replaced by the " +
      "keeper itself: see why before.",
    input: z.strictObject({ fleet: fleetArgument, slot: slotArgument, confirm: confirmArgument }),
    output: z.looseObject({ ...asked, fleet: fleetSummarySchema.optional() }),
    run: (ask, { fleet, slot, confirm }) => replaceWorker(ask, fleet, slot, confirm),
  });
}

async function downOne(ask: AskDoor, fleet: string, body: Readonly<Record<string, unknown>>): Promise<CallToolResult> {
  const done = await ask<FleetDocument>("POST", `/api/fleets/${segment(fleet)}/down`, { body });
  if (!done.isOk) return confirmResult(done, wouldEnd(done.problem));
  return toolResult({ fleets: [fleetSummary(done.document)] }, done.text);
}

async function downAll(ask: AskDoor, body: Readonly<Record<string, unknown>>): Promise<CallToolResult> {
  const done = await ask<{ fleets: FleetDocument[]; notes: string[] }>("POST", "/api/down", { body });
  if (!done.isOk) return confirmResult(done, wouldEnd(done.problem));
  const { fleets, notes } = done.document;
  return toolResult({ fleets: fleets.map(fleetSummary), notes }, done.text);
}

async function replaceWorker(
  ask: AskDoor,
  name: string,
  slot: number,
  confirm: string | undefined,
): Promise<CallToolResult> {
  const found = await ask<FleetDocument>("GET", `/api/fleets/${segment(name)}`);
  if (!found.isOk) return refusedResult(found);
  const worker = found.document.workers.find((one) => one.slot === slot);
  // The door knows the words for a slot without a worker.
  if (worker === undefined) return replaceBySlot(ask, name, slot);
  const question = await confirmWorker({ fleet: name, ...worker }, confirm, Date.now());
  if (question !== null) {
    const problem = { title: "", hint: "", ...question, fleets: [{ fleet: name, workers: [worker], intents: [] }] };
    return confirmResult({ isOk: false, status: 409, problem }, wouldEnd(problem));
  }
  const done = await ask<ByHandAnswer>("DELETE", `/api/instances/${worker.instanceId}`);
  return byHandResult(done);
}

async function replaceBySlot(ask: AskDoor, name: string, slot: number): Promise<CallToolResult> {
  const ssh = await ask("GET", `/api/fleets/${segment(name)}/workers/${slot}/ssh`);
  return ssh.isOk ? toolResult({}, "the slot has been filled this moment: ask again") : refusedResult(ssh);
}

function byHandResult(done: Awaited<ReturnType<AskDoor>> & { readonly isOk: boolean }): CallToolResult {
  if (!done.isOk) return refusedResult(done);
  const { fleet, ended, lines, isUnfinished } = done.document as ByHandAnswer;
  const summary = { fleet: fleetSummary(fleet), ended: ended.map(({ instanceId }) => instanceId), isUnfinished };
  return toolResult({ ...summary, lines }, done.text);
}

function oneOf(...fields: readonly string[]): CallToolResult {
  return {
    isError: true,
    content: [{ type: "text", text: `${fields.join(", ")}: exactly one of them is needed; nothing has been done` }],
  };
}
