// The runbook's §8 prompt, in the keeper's words: what an assistant does with these tools when it is asked to keep a fleet.

import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** As in the runbook: four workers, every ten minutes, three cycles. */
const DEFAULTS = { fleet: "zeb", workers: "4", maxPriceUsdPerHour: "0.08", minutes: "10", checks: "3" };

export const INSTRUCTIONS = [
  "Fleetkeeper keeps fleets of rented GPU workers at their target by itself, all day: replacing failed workers needs no call.",
  "Look with fleet_status, explain with why, try with plan, set with apply. Prices are $/hr per card.",
  "down and replace_worker answer a question first; ask the person before you call again with confirm.",
].join(" ");

export const VIEWER_INSTRUCTIONS = `${INSTRUCTIONS} This token only reads: apply, down and the other tools that change something need the admin's token.`;

export function addPrompts(server: McpServer): void {
  server.registerPrompt(
    "watch_my_fleet",
    {
      title: "Watch my fleet",
      description:
        "Launch workers, keep them healthy under a price, check at an interval, and track performance by GPU type",
      argsSchema: z.object({
        fleet: z.string().optional().describe("Name of the fleet (zeb)"),
        workers: z.string().optional().describe("How many (4)"),
        maxPriceUsdPerHour: z.string().optional().describe("Most that a card may cost (0.08)"),
        minutes: z.string().optional().describe("From one check to the next (10)"),
        checks: z.string().optional().describe("How many checks until it pauses (3)"),
      }),
    },
    (given) => {
      const { fleet, workers, maxPriceUsdPerHour, minutes, checks } = { ...DEFAULTS, ...withoutEmpty(given) };
      const text = [
        `Launch ${workers} vast workers in fleet ${fleet} and watch them. Keep ${workers} healthy workers running, max $${maxPriceUsdPerHour}/hr per card.`,
        `Check every ${minutes} minutes, ${checks} times, and replace duds. Track performance stats by GPU type.`,
        "",
        `1. plan with fleet ${fleet}, target ${workers}, maxPriceUsdPerHour ${maxPriceUsdPerHour}, checkIntervalSeconds ${minutes} * 60, stopAfterChecks ${checks}. Tell me what it would rent and what the preflight found.`,
        "2. When I agree, apply the same.",
        "3. fleet_status until all produce. The keeper replaces duds by itself; say with why what it replaced and for what reason.",
        "4. gpu_stats: a table of games/s, $/hr and $/game/s by GPU type, beside the reference.",
        `5. After the last check the fleet pauses and its workers go on. Ask me whether to resume, or to end them with down.`,
      ].join("\n");
      return { messages: [{ role: "user", content: { type: "text", text } }] };
    },
  );
}

function withoutEmpty(given: Readonly<Record<string, string | undefined>>): Partial<typeof DEFAULTS> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value.trim() !== ""));
}
