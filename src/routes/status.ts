// GET /api/status: every instance of the fleets that a prefix names, as the runbook's table or as JSON.

import { Hono } from "hono";
import { z } from "zod";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { readFleets, strayNotes, totalOf } from "./fleet-list.ts";
import { answer } from "./present.ts";
import { statusSchema } from "./schemas/status.ts";
import { formatStatus } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

/** No prefix, or an empty one: all fleets. */
const statusQuery = formatQuery.extend({
  prefix: z.string().max(41).optional().meta({ description: "Fleets named so, or so-…; left out or empty: all" }),
});

const words = describe("readStatus", {
  chapter: "Fleets",
  summary: "Every instance of the fleets that a prefix names",
  answers: { 200: both(statusSchema) },
});

export const status = new Hono<DoorEnv>().get("/", words, query(statusQuery), async (c) => {
  const { prefix = "" } = c.req.valid("query");
  const [read, strays] = await Promise.all([readFleets(c.env, prefix === "" ? null : prefix), strayNotes(c.env)]);
  const list = { ...read, notes: [...read.notes, ...strays] };
  const total = totalOf(list.fleets);
  return answer(c, { ...list, total }, () => formatStatus(list, total));
});
