// What a fleet should be: tried (`plan`) and made so (`apply`). Both take the key parameters of the runbook's §8.

import { z } from "zod";
import type { PutAnswer } from "../../durable/rpc.ts";
import { presetNames } from "../../fleet/preset.ts";
import type { AskDoor, DoorAnswer } from "./ask-door.ts";
import { fleetSummary, fleetSummarySchema } from "./fleet-summary.ts";
import { confirmResult, resultOf, toolResult } from "./result.ts";
import { addTool, confirmArgument, fleetArgument, segment, type ToolTerms } from "./tool-kit.ts";
import { wouldEnd } from "./would-end.ts";

/** The bounds are the door's, which names the field that is out of them. */
const specArguments = {
  target: z.int().optional().describe("How many workers to keep; 0 ends all and asks first"),
  maxPriceUsdPerHour: z.number().nullable().optional().describe("Most that one card may cost in $/hr; null: no cap"),
  checkIntervalSeconds: z
    .int()
    .optional()
    .describe(
      "Seconds from one CHECK to the next, while filling too; 600 is the runbook's. Emergencies are looked at in between",
    ),
  stopAfterChecks: z
    .int()
    .nullable()
    .optional()
    .describe("Pause after so many scheduled CHECKs; the workers go on. null: never"),
  gpus: z.array(z.string()).optional().describe('GPU types that may be rented, such as ["RTX 3070", "RTX 4070 Ti"]'),
  preset: z.enum(presetNames).optional().describe("Where everything else comes from"),
  budgetUsdPerDay: z.number().nullable().optional().describe("Nothing is rented beyond it until the next UTC day"),
};
const specInput = z.strictObject({ fleet: fleetArgument, ...specArguments });
type SpecInput = z.output<typeof specInput>;

export function addSpecTools(terms: ToolTerms): void {
  addTool(terms, "read", {
    name: "plan",
    title: "Plan, nothing done",
    description:
      "A dry run: what a CHECK would rent, destroy and leave alone now, and why. With any setting: what it would be with them, after a preflight " +
      "of key, credit, tokens and weights. Use it before apply. Nothing is stored or done.",
    input: specInput,
    output: z.looseObject({}),
    run: async (ask, input) => {
      const body = specBody(input);
      const path = `/api/fleets/${segment(input.fleet)}`;
      if (Object.keys(body).length === 0)
        return resultOf(await ask("POST", `${path}/check`, { query: { dryRun: true }, body: {} }));
      return resultOf(await write(ask, path, body, { dryRun: true }));
    },
  });

  addTool(terms, "end", {
    name: "apply",
    title: "Set what a fleet should be",
    description:
      "Makes a fleet or changes it; what is left out stays, and for a new fleet is the preset's. Rents, which costs money; a lower target destroys " +
      "workers. The keeper then holds it by itself: replacing duds needs no further call. The same call again changes nothing.",
    input: specInput.extend({ confirm: confirmArgument }),
    output: z.looseObject({ fleet: fleetSummarySchema.optional(), needsConfirmation: z.boolean().optional() }),
    run: async (ask, { confirm, ...input }) => {
      const body = { ...specBody(input), ...(confirm === undefined ? {} : { confirm }) };
      const done = await write<PutAnswer>(ask, `/api/fleets/${segment(input.fleet)}`, body, {});
      if (!done.isOk) return confirmResult(done, wouldEnd(done.problem));
      const { fleet, created, diff, mismatched, notes } = done.document;
      return toolResult({ created, diff, mismatched, notes, fleet: fleetSummary(fleet) }, done.text);
    },
  });
}

/** One interval for both cadences: "every 10 minutes" holds while the fleet is filled, too. */
function specBody({ fleet: _, checkIntervalSeconds, ...spec }: SpecInput): Record<string, unknown> {
  if (checkIntervalSeconds === undefined) return spec;
  return { ...spec, cadenceSeconds: { ramp: checkIntervalSeconds, steady: checkIntervalSeconds } };
}

/** A fleet that exists is patched, so that what is left out stays; another one is put. */
async function write<T extends object>(
  ask: AskDoor,
  path: string,
  body: Readonly<Record<string, unknown>>,
  query: { readonly dryRun?: boolean },
): Promise<DoorAnswer<T>> {
  const patched = await ask<T>("PATCH", path, { query, body });
  const isNew = !patched.isOk && patched.problem.code === "fleet-not-found";
  return inOwnWords(isNew ? await ask<T>("PUT", path, { query, body }) : patched);
}

/** The doors speak of two cadences; the caller gave one. */
function inOwnWords<T extends object>(answer: DoorAnswer<T>): DoorAnswer<T> {
  if (answer.isOk || answer.problem.errors === undefined) return answer;
  const errors = answer.problem.errors.map((error) => ({
    ...error,
    field: error.field.replace(/^cadenceSeconds\..*/, "checkIntervalSeconds"),
  }));
  const isFirst = (field: string, index: number): boolean => errors.findIndex((one) => one.field === field) === index;
  const once = errors.filter(({ field }, index) => isFirst(field, index));
  const detail = `not as expected: ${once.map(({ field }) => field).join(", ")}`;
  return { ...answer, problem: { ...answer.problem, detail, errors: once } };
}
