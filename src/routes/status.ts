// GET /api/status: every instance of the fleets that a prefix names, as the runbook's table or as JSON.

import { Hono } from "hono";
import { z } from "zod";
import type { DoorEnv } from "./door.ts";
import { readFleets, strayNotes, totalOf } from "./fleet-list.ts";
import { answer } from "./present.ts";
import { formatStatus } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

/** No prefix, or an empty one: all fleets. */
const statusQuery = formatQuery.extend({ prefix: z.string().max(41).optional() });

export const status = new Hono<DoorEnv>().get("/", query(statusQuery), async (c) => {
  const { prefix = "" } = c.req.valid("query");
  const [read, strays] = await Promise.all([readFleets(c.env, prefix === "" ? null : prefix), strayNotes(c.env)]);
  const list = { ...read, notes: [...read.notes, ...strays] };
  const total = totalOf(list.fleets);
  return answer(c, { ...list, total }, () => formatStatus(list, total));
});
