import { expect, it } from "vitest";
import { examplesLine, type ExamplesLine } from "../../src/fleet/daily-examples.ts";
import type { ExamplesView } from "../../src/fleet/daily-facts.ts";
import type { FleetDocument } from "../../src/fleet/document.ts";
import { err, ok } from "../../src/fleet/result.ts";
import { HOUR, MINUTE, must, SECOND } from "../support/builders.ts";
import { aFleetDocument, aWorkerDocument, EXAMPLES, isoTime, MORNING, someExamples } from "../support/day.ts";

const namespace = "zeb-557k-1m";
const window = { day: null, fromMs: MORNING - 24 * HOUR, toMs: MORNING, takenAtMs: MORNING };
/** Four workers on the repo: the formula's floor (runbook §10). */
const LIMIT_MS = 2 * 240 * SECOND;

function lineOf(view: ExamplesView, fleets: readonly FleetDocument[] = [aFleetDocument()]): ExamplesLine {
  return must(examplesLine({ repo: EXAMPLES, namespace, answer: ok(view) }, fleets, window, isoTime)[0]);
}

function oneWorker(newestAtMs: number): ExamplesView {
  return someExamples({ workers: [{ workerId: "zeb-worker-vast-0", newestAtMs, files: 1 }] });
}

const alone = aFleetDocument({ spec: { target: 1 }, workers: [aWorkerDocument()] });

it("tells the newest file and whether one was made since the window began, to the instant", () => {
  expect(lineOf(someExamples())).toMatchObject({
    files: 8,
    newestAt: isoTime(MORNING - 2 * MINUTE),
    newestAgeSeconds: 120,
    hasNewFiles: true,
    silent: [],
  });
  expect(lineOf(someExamples({ newestAtMs: window.fromMs })).hasNewFiles).toBe(true);
  expect(lineOf(someExamples({ newestAtMs: window.fromMs - 1 })).hasNewFiles).toBe(false);
  const none = { files: 0, newestAtMs: null, oldestAtMs: null, workers: [] };
  expect(lineOf(none, [])).toMatchObject({ hasNewFiles: false, newestAt: null, newestAgeSeconds: null });
});

it("names a producing worker once its newest file is older than two upload intervals", () => {
  expect(lineOf(oneWorker(MORNING - LIMIT_MS), [alone]).silent).toEqual([]);
  expect(lineOf(oneWorker(MORNING - LIMIT_MS - SECOND), [alone]).silent).toEqual([
    { workerId: "zeb-worker-vast-0", uploadIntervalSeconds: 240, ageSeconds: 481 },
  ]);
});

it("asks nothing of fleets whose workload writes no examples, whatever their spec names", () => {
  const hub = { readsWeights: false, writesExamples: false };
  const renders = { ...alone, hub };
  expect(lineOf(oneWorker(MORNING - LIMIT_MS - SECOND), [renders]).silent).toEqual([]);
  const many = { ...aFleetDocument({ name: "renders", spec: { target: 100 } }), hub };
  expect(lineOf(oneWorker(MORNING - LIMIT_MS - SECOND), [alone, many]).silent).toMatchObject([
    { uploadIntervalSeconds: 240 },
  ]);
});

it("counts the interval over all fleets on the repo that are not down", () => {
  const others = [
    aFleetDocument({ name: "zeb-belief", spec: { target: 12, weightsName: "large-belief" } }),
    aFleetDocument({ name: "zeb-large", mode: "down", spec: { target: 100 } }),
  ];
  // 13 workers: ceil(13 × 36) = 468 s.
  expect(lineOf(oneWorker(MORNING - 2 * 468 * SECOND), [alone, ...others]).silent).toEqual([]);
  expect(lineOf(oneWorker(MORNING - 2 * 468 * SECOND - SECOND), [alone, ...others]).silent).toMatchObject([
    { uploadIntervalSeconds: 468 },
  ]);
});

it("goes by the interval that a worker was started with, where that is known", () => {
  const slower = aFleetDocument({ spec: { target: 1 }, workers: [aWorkerDocument({ uploadIntervalSeconds: 720 })] });
  expect(lineOf(oneWorker(MORNING - 1440 * SECOND), [slower]).silent).toEqual([]);
  expect(lineOf(oneWorker(MORNING - 1441 * SECOND), [slower]).silent).toMatchObject([{ uploadIntervalSeconds: 720 }]);
});

it("names a worker that is known to deliver nothing as well", () => {
  const mute = aFleetDocument({ spec: { target: 1 }, workers: [aWorkerDocument({ verdict: "undelivered" })] });
  expect(lineOf(oneWorker(MORNING - LIMIT_MS - SECOND), [mute]).silent).toHaveLength(1);
});

it("expects no file of a worker that does not produce, that is young, or that plays for another namespace", () => {
  const empty = someExamples({ workers: [] });
  const of = (worker: Parameters<typeof aWorkerDocument>[0]) =>
    lineOf(empty, [aFleetDocument({ spec: { target: 1 }, workers: [aWorkerDocument(worker)] })]).silent;
  expect(of({ verdict: "failed" })).toEqual([]);
  // Two intervals of 240 s, and the time of a start.
  expect(of({ ageSeconds: 1080 })).toEqual([]);
  expect(of({ ageSeconds: 1081 })).toHaveLength(1);
  const elsewhere = aFleetDocument({ spec: { target: 1, weightsName: "large" }, workers: [aWorkerDocument()] });
  expect(lineOf(empty, [elsewhere]).silent).toEqual([]);
});

it("accuses a worker without any file only where the folder reaches back two intervals: files are pruned", () => {
  const pruned = (oldestAtMs: number) => lineOf(someExamples({ workers: [], oldestAtMs }), [alone]).silent;
  expect(pruned(MORNING - LIMIT_MS)).toEqual([]);
  expect(pruned(MORNING - LIMIT_MS - SECOND)).toEqual([
    { workerId: "zeb-worker-vast-0", uploadIntervalSeconds: 240, ageSeconds: null },
  ]);
  const none = { files: 0, newestAtMs: null, oldestAtMs: null, workers: [] };
  expect(lineOf(none, [alone]).silent).toHaveLength(1);
});

it("says nothing where the Hub did not answer", () => {
  expect(examplesLine({ repo: EXAMPLES, namespace, answer: err("away") }, [alone], window, isoTime)).toEqual([]);
});
