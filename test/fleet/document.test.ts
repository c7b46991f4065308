import { expect, it } from "vitest";
import { actionDocuments, debtDocuments, intentDocuments, workerDocuments } from "../../src/fleet/document.ts";
import {
  aBootingWorker,
  aDebt,
  aMemory,
  anIntent,
  anOffer,
  aProof,
  aRanked,
  aWorker,
  NOW,
} from "../support/builders.ts";

it("shows a worker in the names that other programs rely on", () => {
  expect(workerDocuments(aMemory({ workers: [aWorker()] }), new Map([[100, 2]]), NOW)).toEqual([
    {
      slot: 0,
      label: "zeb-worker-vast-0",
      instanceId: 1000,
      machineId: 100,
      gpu: "RTX 3070",
      status: "running",
      verdict: "producing",
      detail: "batch 30",
      batch: 30,
      gamesPerSecond: 2.4,
      usdPerHour: 0.072,
      ageSeconds: 7200,
      ssh: "ssh -p 12345 root@ssh5.vast.ai",
      uploadIntervalSeconds: 240,
      startedAt: "2026-11-23T16:00:00.000Z",
      verdictSince: "2026-11-23T17:00:00.000Z",
      machineStrikes: 2,
      recentGamesPerSecond: [2.4],
    },
  ]);
});

it("shows workers by slot, then by id", () => {
  const workers = [aWorker({ slot: 11 }), aWorker({ slot: 2, instanceId: 9 }), aWorker({ slot: 2, instanceId: 8 })];
  expect(workerDocuments(aMemory({ workers }), new Map(), NOW).map(({ instanceId }) => instanceId)).toEqual([
    8, 9, 1011,
  ]);
});

it("shows a box without status or start as provisioning, aged from first sight", () => {
  const worker = aBootingWorker({ status: null, startedAtMs: null, firstSeenAtMs: NOW - 90_400 });
  expect(workerDocuments(aMemory({ workers: [worker] }), new Map(), NOW)).toMatchObject([
    { status: "provisioning", ageSeconds: 90, batch: null, gamesPerSecond: null },
  ]);
});

it("never shows a negative age", () => {
  expect(
    workerDocuments(aMemory({ workers: [aWorker({ startedAtMs: NOW + 5000 })] }), new Map(), NOW)[0]?.ageSeconds,
  ).toBe(0);
});

it("shows intents and debts", () => {
  expect(intentDocuments([anIntent()], NOW)).toEqual([
    {
      id: "intent-0",
      slot: 0,
      label: "zeb-worker-vast-0",
      state: "rented",
      offerId: 5000,
      machineId: 100,
      gpu: "RTX 3070",
      usdPerHour: 0.072,
      instanceId: 1000,
      ageSeconds: 10,
    },
  ]);
  expect(debtDocuments([aDebt()], NOW)).toEqual([
    {
      instanceId: 900,
      slot: 0,
      label: "zeb-worker-vast-0",
      reason: "given up",
      attempts: 1,
      lastError: null,
      ageSeconds: 60,
    },
  ]);
});

it("shows actions without the list that proves them; a rent has no instance yet", () => {
  const shared = { slot: 3, reason: "because", evidence: { a: 1 } };
  const proof = aProof([]);
  const actions = actionDocuments([
    { ...shared, kind: "rent", label: "zeb-worker-vast-3", offer: aRanked(anOffer()), proof },
    { ...shared, kind: "destroy", instanceId: 9, cause: "down", proof },
  ]);
  expect(actions).toEqual([
    { ...shared, kind: "rent", instanceId: null },
    { ...shared, kind: "destroy", instanceId: 9 },
  ]);
});

it("shows rents and open rents in the order of their slots", () => {
  const proof = aProof([]);
  const rent = (slot: number) =>
    ({ kind: "rent", slot, label: "", reason: "", evidence: {}, offer: aRanked(anOffer()), proof }) as const;
  const destroy = { kind: "destroy", slot: 9, instanceId: 9, cause: "down", reason: "", evidence: {}, proof } as const;
  const shown = actionDocuments([rent(3), destroy, rent(0), rent(2)]);
  expect(shown.map(({ kind, slot }) => `${kind} ${slot}`)).toEqual(["rent 0", "destroy 9", "rent 2", "rent 3"]);
  const intents = [anIntent({ slot: 3 }), anIntent({ slot: 1 })];
  expect(intentDocuments(intents, NOW).map(({ slot }) => slot)).toEqual([1, 3]);
});
