import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { lastLogsFind } from "../../src/db/last-logs.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import type { LastLog } from "../../src/fleet/event.ts";
import { NOW } from "./builders.ts";

const log = (instanceId: number, text: string): LastLog => ({
  instanceId,
  fleet: "zeb",
  atMs: NOW,
  readAtMs: NOW - 60_000,
  text,
});

it("finds what was kept of one instance, and nothing of another", async () => {
  await writeOutbox(env.DB, [
    { kind: "last-log", row: log(7, "batch 1\nKilled") },
    { kind: "last-log", row: log(8, "batch 9") },
  ]);
  expect(await lastLogsFind(env.DB, 7)).toEqual(log(7, "batch 1\nKilled"));
  expect(await lastLogsFind(env.DB, 9)).toBeNull();
});

it("takes fifty lines of two hundred characters of each of many instances in one batch", async () => {
  const text = Array.from({ length: 50 }, () => "x".repeat(200)).join("\n");
  const rows = Array.from({ length: 60 }, (_, index) => ({ kind: "last-log" as const, row: log(100 + index, text) }));
  await writeOutbox(env.DB, rows);
  expect((await lastLogsFind(env.DB, 159))?.text).toBe(text);
});

it("keeps the newer lines of an instance that came back and went again", async () => {
  await writeOutbox(env.DB, [{ kind: "last-log", row: log(20, "first") }]);
  await writeOutbox(env.DB, [{ kind: "last-log", row: log(20, "second") }]);
  expect((await lastLogsFind(env.DB, 20))?.text).toBe("second");
});
