import { describe, expect, it } from "vitest";
import { badStatusOf, isBeatenByLog, isStartError } from "../../src/fleet/status.ts";
import { aBootingWorker, aSpec, aWorker, MINUTE, must, NOW, SECOND } from "../support/builders.ts";

const spec = aSpec();

describe("the status of a row", () => {
  const running = { actualStatus: "running", currentState: "running", intendedStatus: "running" };
  it.each([
    ["running", {}, null],
    ["loading", { actualStatus: "loading" }, null],
    ["being provisioned", { actualStatus: null }, null],
    ["created", { actualStatus: "created" }, null],
    [
      "created, its contract stopped",
      { actualStatus: "created", currentState: "stopped" },
      "created, contract stopped",
    ],
    ["exited", { actualStatus: "exited" }, "exited"],
    ["stopped", { actualStatus: "stopped" }, "stopped"],
    ["offline", { actualStatus: "offline" }, "offline"],
    ["unknown", { actualStatus: "unknown" }, "unknown"],
    ["meant to be stopped", { intendedStatus: "stopped" }, "running, meant to be stopped"],
    [
      "meant to be stopped before it ran",
      { actualStatus: null, intendedStatus: "stopped" },
      "provisioning, meant to be stopped",
    ],
    ["a word nobody knows", { actualStatus: "rebooting" }, null],
  ])("%s", (_words, changes, expected) => {
    expect(badStatusOf({ ...running, ...changes })).toBe(expected);
  });

  it.each([
    ["loading", "Error: OCI runtime create failed: runc", true],
    ["created", "failed to inject CDI devices", true],
    ["running", "OCI runtime create failed (an hour ago)", false],
    ["loading", "pulling", false],
    ["loading", null, false],
  ])("%s with %j is a start error: %s", (actualStatus, statusMessage, expected) => {
    expect(isStartError({ actualStatus, statusMessage })).toBe(expected);
  });
});

describe("a log that contradicts a lagging status", () => {
  const statusAtMs = NOW - 10 * MINUTE;

  /** A batch read `agoMs` before now, while the status has been bad for ten minutes. */
  const beats = (batch: number, agoMs: number, batchSeconds = 60): boolean => {
    const known = must(aWorker().progress);
    const progress = { ...known, batch, atMs: NOW - agoMs, batchMs: [batchSeconds * SECOND] };
    const worker = aWorker({ badStatus: { what: "exited", sinceMs: statusAtMs, batch: 30 }, progress });
    return isBeatenByLog(worker, spec, NOW);
  };

  it.each([
    ["a batch newer than the bad status", 31, SECOND, true],
    ["the batch known before", 30, SECOND, false],
    ["a higher batch read with the status", 31, 10 * MINUTE, false],
    ["a higher batch a millisecond less than 120 s old", 31, 120 * SECOND - 1, true],
    ["a higher batch 120 s old", 31, 120 * SECOND, false],
  ])("%s overrules it: %s", (_words, batch, agoMs, expected) => {
    expect(beats(batch, agoMs)).toBe(expected);
  });

  it("overrules it for twice its own batch time where that is longer, and then no more", () => {
    expect([beats(31, 400 * SECOND - 1, 200), beats(31, 400 * SECOND, 200)]).toEqual([true, false]);
  });

  it("of a worker that has given no batch yet, or whose status is well, overrules nothing", () => {
    const badStatus = { what: "exited", sinceMs: statusAtMs, batch: null };
    expect(isBeatenByLog(aBootingWorker({ badStatus }), spec, NOW)).toBe(false);
    expect(isBeatenByLog(aWorker(), spec, NOW)).toBe(false);
  });
});
