// Tools that only look, for every token.

import { z } from "zod";
import type { FleetDocument } from "../../fleet/document.ts";
import type { LogText } from "../../durable/rpc.ts";
import { fleetSummary, fleetSummarySchema } from "./fleet-summary.ts";
import { cutText, refusedResult, resultOf, toolResult } from "./result.ts";
import { addTool, fleetArgument, segment, type ToolTerms } from "./tool-kit.ts";

const LOG_LINES_DEFAULT = 50;
const LOG_LINES_MAX = 300;
const since = z
  .string()
  .optional()
  .describe('Since when: "24h", "7d", "90m" ago, or an instant such as 2026-11-23T18:00:00Z');
const notes = z.array(z.string());

export function addReadTools(terms: ToolTerms): void {
  addTool(terms, "read", {
    name: "fleet_status",
    title: "Status of fleets",
    description:
      "What the fleets do now: state, workers with verdict, GPU, games/s, $/hr and age, and notes that say why something was not done. " +
      "Look here first. Asks nothing of the market.",
    input: z.strictObject({
      fleet: fleetArgument.optional(),
      prefix: z
        .string()
        .optional()
        .describe('Fleets named so or beginning with it and a dash: "zeb" is zeb and zeb-large'),
    }),
    output: z.looseObject({ fleets: z.array(fleetSummarySchema), notes }),
    run: async (ask, { fleet, prefix }) => {
      if (fleet !== undefined) {
        const one = await ask<FleetDocument>("GET", `/api/fleets/${segment(fleet)}`);
        return one.isOk
          ? toolResult({ fleets: [fleetSummary(one.document)], notes: [] }, one.text)
          : refusedResult(one);
      }
      const all = await ask<{ fleets: FleetDocument[]; notes: string[] }>("GET", "/api/status", { query: { prefix } });
      if (!all.isOk) return refusedResult(all);
      return toolResult({ fleets: all.document.fleets.map(fleetSummary), notes: all.document.notes }, all.text);
    },
  });

  addTool(terms, "read", {
    name: "logs",
    title: "Log of a worker",
    description:
      "The end of one worker's log, masked, by the instance number that fleet_status shows. Of an instance that is gone: the last lines that were kept.",
    input: z.strictObject({
      instanceId: z.int().min(1),
      tail: z.int().min(1).max(LOG_LINES_MAX).default(LOG_LINES_DEFAULT).describe("Lines from the end"),
      daemon: z.boolean().default(false).describe("The host's log instead of the worker's"),
    }),
    output: z.looseObject({ instanceId: z.number(), text: z.string(), from: z.string() }),
    run: async (ask, { instanceId, tail, daemon }) => {
      const log = await ask<LogText>("GET", `/api/instances/${instanceId}/logs`, { query: { tail, daemon } });
      if (!log.isOk) return refusedResult(log);
      const text = cutText(log.document.text, true);
      return toolResult({ ...log.document, text }, cutText(log.text, true));
    },
  });

  addTool(terms, "read", {
    name: "gpu_stats",
    title: "Performance by GPU type",
    description:
      "Games/s (least, mean, most), $/hr, $/game/s and rank by GPU type, as measured, beside the runbook's reference table. by: machine shows single machines.",
    input: z.strictObject({
      since,
      by: z.enum(["gpu", "machine"]).default("gpu"),
      weightsName: z.string().optional(),
      limit: z.int().min(1).max(50).default(20),
    }),
    output: z.looseObject({ since: z.string() }),
    run: async (ask, query) => resultOf(await ask("GET", "/api/stats/gpus", { query })),
  });

  addTool(terms, "read", {
    name: "offers",
    title: "Offers of the market",
    description:
      "What could be rented now, best $/game/s first, and why the others are refused. With fleet: as that fleet sees them. Asks the market.",
    input: z.strictObject({
      fleet: fleetArgument.optional(),
      gpu: z.string().optional().describe("One GPU type, such as RTX_3090"),
      limit: z.int().min(1).max(25).default(10),
    }),
    output: z.looseObject({ offers: z.array(z.looseObject({})), notes }),
    run: async (ask, query) => resultOf(await ask("GET", "/api/offers", { query })),
  });

  addTool(terms, "read", {
    name: "hosts",
    title: "Strikes and blocked machines",
    description: "Machines with strikes or a block, and why. With machine: every strike of that one.",
    input: z.strictObject({
      blocked: z.boolean().optional().describe("Only those that are blocked, or only those that are not"),
      machine: z.int().min(1).optional(),
      limit: z.int().min(1).max(50).default(25),
    }),
    output: z.looseObject({}),
    run: async (ask, { machine, ...query }) =>
      resultOf(
        machine === undefined ? await ask("GET", "/api/hosts", { query }) : await ask("GET", `/api/hosts/${machine}`),
      ),
  });

  addTool(terms, "read", {
    name: "cost",
    title: "Cost and credit",
    description:
      "$/hr, day and week now, what was spent by fleet, the account's credit and the hours that it lasts. With workers: an estimate from live offers.",
    input: z.strictObject({
      workers: z.int().min(1).max(1000).optional().describe("Estimate so many workers"),
      gpu: z.string().optional().describe("Of this GPU type"),
    }),
    output: z.looseObject({
      usdPerHour: z.number(),
      creditUsd: z.number().nullable(),
      hoursLeft: z.number().nullable(),
    }),
    run: async (ask, query) => resultOf(await ask("GET", "/api/cost", { query })),
  });

  addTool(terms, "read", {
    name: "daily_report",
    title: "Morning report",
    description:
      "The morning list: are all running, what ended and why, new example files, the learner's step, cost, hours of credit. Without day: the last 24 hours.",
    input: z.strictObject({ day: z.string().optional().describe("A stored UTC day, such as 2026-11-22") }),
    output: z.looseObject({}),
    run: async (ask, query) => resultOf(await ask("GET", "/api/reports/daily", { query })),
  });
}
