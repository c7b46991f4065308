// GET /api/instances/{id}/logs: the end of a worker's log, masked. Of an instance that the market no longer has, the lines
// that were kept when it went.

import { type Context, Hono } from "hono";
import { z } from "zod";
import { lastLogsFind } from "../db/last-logs.ts";
import { withDeadline } from "../deadline.ts";
import type { LogReadFailure, LogText } from "../durable/rpc.ts";
import { accountStub } from "../durable/stubs.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { logEvent, maskSecrets } from "../log.ts";
import { forbidden } from "./auth.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { shownText } from "./field-errors.ts";
import { answer } from "./present.ts";
import { invalidRequest, problem, type ProblemResponse } from "./problem.ts";
import { logSchema } from "./schemas/instances.ts";
import { textOf } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

/** The runbook's `vastai logs ID --tail 50`. */
const TAIL_LINES_DEFAULT = 50;
const TAIL_LINES_MAX = 10_000;

interface LogWish {
  /** Lines from the end. */
  readonly tail: number;
  /** The container's daemon log instead of the worker's. */
  readonly daemon: boolean;
}

export type ReadLog = (instanceId: number, wish: LogWish) => Promise<Result<LogText, LogReadFailure>>;

const tail = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, `a whole number from 1 to ${TAIL_LINES_MAX}`)
  .transform(Number)
  .refine((lines) => lines <= TAIL_LINES_MAX, `a whole number from 1 to ${TAIL_LINES_MAX}`);
const logQuery = formatQuery.extend({
  tail: tail.optional().meta({ description: "So many lines from the end", examples: ["50"] }),
  daemon: z.enum(["true", "false"]).optional().meta({ description: "`true`: the host's log instead" }),
});
const words = describe("readLog", {
  chapter: "Workers",
  summary: "The end of a worker's log, masked; of one that is gone, the lines that were kept",
  path: { id: "The market's number of an instance" },
  answers: { 200: both(logSchema) },
  refusals: ["no-such-instance", "log-not-ready", "market-unreachable", "no-credentials", "forbidden"],
});

export function createInstances(readLog: ReadLog) {
  return new Hono<DoorEnv>().get("/:id/logs", words, query(logQuery), async (c) => {
    const id = c.req.param("id");
    const expected = "the number of an instance";
    if (!/^[1-9]\d{0,14}$/.test(id)) return invalidRequest([{ field: "id", expected, got: shownText(id) }]);
    const instanceId = Number(id);
    const { tail: lines = TAIL_LINES_DEFAULT, daemon } = c.req.valid("query");
    const wish = { tail: lines, daemon: daemon === "true" };
    if (c.get("role") !== "admin") {
      const box = await accountStub(c.env).boxOwner(instanceId);
      const unknown = { code: "no-such-instance", detail: `no instance ${instanceId} is known` } as const;
      if (box === null) return answerLog(c, await readKept(c.env.DB, instanceId, wish, unknown));
      // Somebody else's box on this account: its log may hold their secrets.
      if (box.fleet === null) return forbidden(c.env);
    }
    const read = await readLog(instanceId, wish);
    const isGone = !read.ok && read.error.code === "no-such-instance";
    return answerLog(c, isGone ? await readKept(c.env.DB, instanceId, wish, read.error) : read);
  });
}

/** Only fleets' instances have kept lines, so every reader may see them. `failure`: why there is no other log. */
async function readKept(
  db: D1Database,
  instanceId: number,
  { tail: lines, daemon }: LogWish,
  failure: LogReadFailure,
): Promise<Result<LogText, LogReadFailure>> {
  if (daemon) return err(failure);
  try {
    const kept = await withDeadline(lastLogsFind(db, instanceId));
    if (kept === null) return err(failure);
    return ok({
      instanceId,
      text: kept.text.split("\n").slice(-lines).join("\n"),
      modifiedAt: new Date(kept.readAtMs).toISOString(),
      isStale: true,
      from: "kept",
      endedAt: new Date(kept.atMs).toISOString(),
    });
  } catch (error) {
    logEvent({ event: "door.last-log", outcome: "failed", instanceId, detail: String(error) });
    return err({
      ...failure,
      detail: `${failure.detail}; what may have been kept of it cannot be read: D1 does not answer`,
    });
  }
}

function answerLog(c: Context<DoorEnv>, read: Result<LogText, LogReadFailure>) {
  if (!read.ok) return logProblem(read.error);
  const log = { ...read.value, text: maskSecrets(read.value.text) };
  const head =
    log.endedAt === null
      ? []
      : [`# instance ${log.instanceId} ended at ${log.endedAt}; its last lines, read at ${log.modifiedAt}`];
  return answer(c, log, () => textOf([...head, ...log.text.split(/\r?\n/)]));
}

const hints: Readonly<Record<LogReadFailure["code"], string>> = {
  "no-such-instance": "GET /api/status lists the instances",
  "log-not-ready": "a host uploads a log within seconds; a box that starts has none yet: ask again",
  "market-unreachable": "ask again in a minute; the workers go on without the market",
  "no-credentials": "set it with `wrangler secret put VAST_API_KEY`",
};

function logProblem({ code, detail }: LogReadFailure): ProblemResponse {
  const headers = code === "log-not-ready" ? { "Retry-After": "10" } : undefined;
  return problem({
    code,
    detail: maskSecrets(detail),
    hint: hints[code],
    ...(headers === undefined ? {} : { headers }),
  });
}
