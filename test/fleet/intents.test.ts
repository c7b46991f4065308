import { describe, expect, it } from "vitest";
import { CALL_LIMIT_MS, type IntentTerms, settleIntents } from "../../src/fleet/intents.ts";
import { anInstance, anIntent, HOUR, MINUTE, NOW, SECOND } from "../support/builders.ts";

const terms: IntentTerms = {
  sweepBegunAtMs: NOW - SECOND,
  settleMs: 120 * SECOND,
  knownIds: new Set(),
  confirmations: new Map(),
  accountReadAtMs: NOW,
  listedIds: new Set(),
  isListInDoubt: false,
};
const lost = { state: "unknown", instanceId: null } as const;
const sweptOnce = { firstBegunAtMs: NOW - MINUTE, lastBegunAtMs: NOW - MINUTE, sweeps: 1 };

describe("matching an intent to a row", () => {
  it("takes the row that bears its uuid, and is closed", () => {
    const intent = anIntent(lost);
    const row = anInstance({ instanceId: 77, intentId: "intent-0", machineId: 3 });
    expect(settleIntents([intent], [row], terms)).toEqual({ open: [], adopted: new Map([[77, intent]]), actions: [] });
  });

  it("takes the row whose id the market named, where the mark cannot be read", () => {
    const row = anInstance({ envReadable: false, machineId: null });
    expect(settleIntents([anIntent()], [row], terms).adopted.has(1000)).toBe(true);
  });

  it("never takes a row that bears another rent's uuid, not even under the id that the market named", () => {
    expect(settleIntents([anIntent()], [anInstance({ intentId: "intent-9" })], terms).adopted.size).toBe(0);
  });

  it("takes an unseen row of the same label and machine where its environment is unreadable", () => {
    expect(settleIntents([anIntent(lost)], [anInstance({ envReadable: false })], terms).adopted.size).toBe(1);
  });

  it.each([
    ["environment is readable and bears no uuid", anInstance(), []],
    ["id was known before", anInstance({ envReadable: false }), [1000]],
    ["machine is another", anInstance({ envReadable: false, machineId: 9 }), []],
    ["machine is unknown", anInstance({ envReadable: false, machineId: null }), []],
    ["label is of another slot", anInstance({ envReadable: false, label: "zeb-worker-vast-1" }), []],
  ])("does not take a row whose %s", (_words, row, known) => {
    const outcome = settleIntents([anIntent(lost)], [row], { ...terms, knownIds: new Set(known) });
    expect([outcome.adopted.size, outcome.open.length]).toEqual([0, 1]);
  });

  it("matches two rows of one label to two intents, one each", () => {
    const intents = [anIntent(lost), anIntent({ ...lost, id: "intent-b" })];
    const rows = [anInstance({ envReadable: false }), anInstance({ envReadable: false, instanceId: 1001 })];
    expect([...settleIntents(intents, rows, terms).adopted.keys()].toSorted((a, b) => a - b)).toEqual([1000, 1001]);
  });
});

describe("settling an intent whose named instance is listed and not this rent's any more", () => {
  it("frees the slot at once, in words, and leaves the instance alone", () => {
    const { actions, ...rest } = settleIntents([anIntent()], [], { ...terms, listedIds: new Set([1000]) });
    expect(rest).toEqual({ open: [], adopted: new Map() });
    expect(actions).toEqual([
      {
        kind: "intent-settled",
        slot: 0,
        instanceId: 1000,
        reason: "instance 1000 bears another label now: left alone; slot 0 is free again",
        evidence: { intent: "intent-0", offerId: 5000, machineId: 100 },
      },
    ]);
  });

  it.each([
    ["whose instance the list does not show", anIntent(), [999]],
    ["whose answer is lost, whatever the list shows", anIntent(lost), [999, 1000]],
  ])("leaves an intent open %s", (_words, intent, listed) => {
    expect(settleIntents([intent], [], { ...terms, listedIds: new Set(listed) }).open).toHaveLength(1);
  });

  it("takes the row before it looks for the id", () => {
    const { adopted, actions } = settleIntents([anIntent()], [anInstance()], { ...terms, listedIds: new Set([1000]) });
    expect([[...adopted.keys()], actions]).toEqual([[1000], []]);
  });
});

describe("settling an intent whose row never comes", () => {
  const EARLY = NOW - HOUR + MINUTE;
  /** So that the sweep was begun when the settle time was just over. */
  const old = { createdAtMs: NOW - 131 * SECOND, answeredAtMs: NOW - 121 * SECOND };

  it("keeps the slot after a first sweep", () => {
    const { open, actions } = settleIntents([anIntent({ ...lost, ...old })], [], terms);
    expect(open[0]?.missing).toEqual({ firstBegunAtMs: NOW - SECOND, lastBegunAtMs: NOW - SECOND, sweeps: 1 });
    expect(actions).toEqual([]);
  });

  it("frees the slot after two sweeps and 120 s, in words", () => {
    const outcome = settleIntents([anIntent({ ...lost, ...old, missing: sweptOnce })], [], terms);
    expect(outcome).toEqual({
      open: [],
      adopted: new Map(),
      actions: [
        {
          kind: "intent-settled",
          slot: 0,
          instanceId: null,
          reason: "the rent with the lost answer made no instance; slot 0 is free again",
          evidence: { intent: "intent-0", offerId: 5000, machineId: 100, sweeps: 2 },
        },
      ],
    });
  });

  it.each([
    ["where the last sweep began 119.999 s after the answer was lost", { answeredAtMs: NOW - 121 * SECOND + 1 }, {}],
    [
      "where no sweep was begun since the settle time",
      { answeredAtMs: NOW - HOUR, missing: { firstBegunAtMs: EARLY, lastBegunAtMs: EARLY, sweeps: 1 } },
      { sweepBegunAtMs: EARLY + 59 * SECOND },
    ],
    ["while the account has not answered since", {}, { accountReadAtMs: NOW - 2 * MINUTE }],
    ["when the second look was at the same sweep", {}, { sweepBegunAtMs: sweptOnce.lastBegunAtMs }],
  ])("keeps the slot %s", (_words, changes, changedTerms) => {
    const intent = anIntent({ ...lost, ...old, missing: sweptOnce, ...changes });
    expect(settleIntents([intent], [], { ...terms, ...changedTerms }).open).toHaveLength(1);
  });

  it("keeps the slot of a named instance that the market still knows by id, and frees it when it does not", () => {
    const intent = anIntent({ ...old, missing: sweptOnce });
    const settle = (answer: "present" | "absent" | "unknown"): number =>
      settleIntents([intent], [], { ...terms, confirmations: new Map([[1000, answer]]) }).open.length;
    expect([settle("present"), settle("absent"), settle("unknown")]).toEqual([1, 0, 0]);
  });

  it("keeps the slot of a named instance after one sweep, even where asking by its id finds nothing", () => {
    const confirmations = new Map([[1000, "absent" as const]]);
    expect(settleIntents([anIntent(old)], [], { ...terms, confirmations }).open).toHaveLength(1);
  });

  it("keeps the slot of a named instance that nobody has asked for by its id", () => {
    expect(settleIntents([anIntent({ ...old, missing: sweptOnce })], [], terms).open).toHaveLength(1);
  });

  it.each([
    ["begun while the call could still be under way", 0, null],
    ["begun a millisecond later", 1, 1],
  ])("counts no sweep for an intent without an answer that was %s", (_words, laterMs, sweeps) => {
    const intent = anIntent({ ...lost, state: "open", createdAtMs: NOW - MINUTE, answeredAtMs: null });
    const sweepBegunAtMs = NOW - MINUTE + CALL_LIMIT_MS + laterMs;
    expect(settleIntents([intent], [], { ...terms, sweepBegunAtMs }).open[0]?.missing?.sweeps ?? null).toBe(sweeps);
  });
});

describe("a list that has lost what is known to be there", () => {
  const late = { ...sweptOnce, sweeps: 2 };
  const settled = (changes: Parameters<typeof anIntent>[0], answer?: "absent" | "unknown"): number => {
    const answeredAtMs = NOW - 10 * MINUTE;
    const intent = anIntent({ createdAtMs: answeredAtMs, answeredAtMs, missing: late, ...changes });
    const confirmations = new Map(answer === undefined ? [] : [[1000, answer] as const]);
    return settleIntents([intent], [], { ...terms, isListInDoubt: true, confirmations }).actions.length;
  };

  it("settles no rent whose answer was lost", () => {
    expect(settled(lost)).toBe(0);
  });

  it("settles a rent that the market named only by the answer to its id", () => {
    expect([settled({}, "unknown"), settled({}, "absent")]).toEqual([0, 1]);
  });
});
