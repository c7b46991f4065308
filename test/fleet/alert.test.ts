import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlertMemory, alertKinds, type Condition, firingNow, judgeAlerts } from "../../src/fleet/alert.ts";

const T0 = 1_800_000_000_000;
const SECOND = 1000;
const HOUR = 3_600_000;

function aCondition(condition: Partial<Condition> = {}): Condition {
  return { key: "blind", kind: "blind", isMeasured: true, sinceMs: T0, summary: "nothing can be seen", ...condition };
}

/** Feeds one look after the other and collects what is said. */
function story(looks: readonly (readonly [atMs: number, conditions: readonly Condition[]])[]) {
  let memory: AlertMemory = [];
  const said: string[] = [];
  const changes: number[] = [];
  for (const [atMs, conditions] of looks) {
    const judged = judgeAlerts(memory, { conditions, nowMs: atMs });
    if (JSON.stringify(judged.memory) !== JSON.stringify(memory)) changes.push(atMs);
    memory = judged.memory;
    said.push(
      ...judged.notices.map(({ change, key, lastedMs }) => `${(atMs - T0) / SECOND} ${change} ${key} ${lastedMs}`),
    );
  }
  return { memory, said, changes: changes.length };
}

describe("judgeAlerts", () => {
  it("tells of blindness at 600 s and not before, once, and of its end with how long it lasted", () => {
    const { said, memory } = story([
      [T0 + 599 * SECOND, [aCondition()]],
      [T0 + 600 * SECOND, [aCondition()]],
      [T0 + 660 * SECOND, [aCondition()]],
      [T0 + 720 * SECOND, []],
      [T0 + 780 * SECOND, []],
    ]);
    expect(said).toEqual(["600 firing blind 600000", "720 resolved blind 720000"]);
    expect(memory).toEqual([]);
  });

  it("tells of a shortage at 900 s after its first sight", () => {
    const short = aCondition({ key: "below-target", kind: "below-target", sinceMs: null });
    const { said } = story([
      [T0, [short]],
      [T0 + 899 * SECOND, [short]],
      [T0 + 900 * SECOND, [short]],
      [T0 + 901 * SECOND, []],
    ]);
    expect(said).toEqual(["900 firing below-target 900000", "901 resolved below-target 901000"]);
  });

  it("begins a timer anew when what it counts was over, or could not be measured, in between", () => {
    const short = aCondition({ key: "below-target", kind: "below-target", sinceMs: null });
    for (const gap of [[], [{ ...short, isMeasured: false }]]) {
      const { said } = story([
        [T0, [short]],
        [T0 + 600 * SECOND, gap],
        [T0 + 660 * SECOND, [short]],
        [T0 + 1559 * SECOND, [short]],
        [T0 + 1560 * SECOND, [short]],
      ]);
      expect(said).toEqual(["1560 firing below-target 900000"]);
    }
  });

  it("leaves what was announced as it is while nobody can tell", () => {
    const unmeasured = aCondition({ isMeasured: false });
    const { said } = story([
      [T0 + 600 * SECOND, [aCondition()]],
      [T0 + 700 * SECOND, [unmeasured]],
      [T0 + 800 * SECOND, [unmeasured]],
      [T0 + 900 * SECOND, [aCondition()]],
      [T0 + 960 * SECOND, []],
    ]);
    expect(said).toEqual(["600 firing blind 600000", "960 resolved blind 960000"]);
  });

  it("says again what lasts after 24 hours, and again 24 hours later", () => {
    const open = aCondition({ key: "breaker-open", kind: "breaker-open" });
    const { said } = story([
      [T0, [open]],
      [T0 + 24 * HOUR - 1, [open]],
      [T0 + 24 * HOUR, [open]],
      [T0 + 47 * HOUR, [open]],
      [T0 + 48 * HOUR, [open]],
    ]);
    expect(said).toEqual([
      "0 firing breaker-open 0",
      `86400 repeated breaker-open ${24 * HOUR}`,
      `172800 repeated breaker-open ${48 * HOUR}`,
    ]);
  });

  it("takes a wait for credit that ends and begins anew within 5 minutes for one story", () => {
    const out = aCondition({ key: "out-of-credit", kind: "out-of-credit", sinceMs: T0 });
    const again = { ...out, sinceMs: T0 + 400 * SECOND };
    const { said } = story([
      [T0, [out]],
      [T0 + 200 * SECOND, []],
      [T0 + 499 * SECOND, []],
      [T0 + 499 * SECOND, [again]],
      [T0 + 600 * SECOND, []],
      [T0 + 899 * SECOND, []],
      [T0 + 900 * SECOND, []],
    ]);
    expect(said).toEqual(["0 firing out-of-credit 0", `900 resolved out-of-credit ${600 * SECOND}`]);
  });

  it("says several at once, each by its own key", () => {
    const strays = [1, 2].map((id) => aCondition({ key: `stray:${id}`, kind: "strays", sinceMs: null }));
    const { said } = story([
      [T0, strays],
      [T0 + 300 * SECOND, strays],
      [T0 + 310 * SECOND, strays.slice(1)],
    ]);
    expect(said).toEqual(["300 firing stray:1 300000", "300 firing stray:2 300000", "310 resolved stray:1 310000"]);
  });

  it("tells of what happened once a day at most, without an end", () => {
    const occasions = [{ key: "host:4411", kind: "host-blocked" as const, summary: "machine 4411 is blocked" }];
    const first = judgeAlerts([], { conditions: [], occasions, nowMs: T0 });
    expect(first.notices).toMatchObject([{ change: "happened", key: "host:4411", lastedMs: null }]);
    const second = judgeAlerts(first.memory, { conditions: [], occasions, nowMs: T0 + 24 * HOUR - 1 });
    expect(second.notices).toEqual([]);
    const later = judgeAlerts(second.memory, { conditions: [], nowMs: T0 + 24 * HOUR });
    expect(later).toEqual({ memory: [], notices: [] });
    expect(judgeAlerts(later.memory, { conditions: [], occasions, nowMs: T0 + 25 * HOUR }).notices).toHaveLength(1);
  });

  it("changes nothing that is stored while nothing begins, is said or ends", () => {
    const minutes = Array.from({ length: 600 }, (_, minute) => T0 + minute * 60 * SECOND);
    expect(story(minutes.map((atMs) => [atMs, []])).changes).toBe(0);
    // The facts know since when: remembered when it is said, and no sooner.
    expect(story(minutes.map((atMs) => [atMs, [aCondition()]])).changes).toBe(1);
  });

  it("resolves everything it announced exactly once, whatever the order of events", () => {
    const look = fc.record({
      stepSeconds: fc.integer({ min: 1, max: 2000 }),
      holds: fc.array(fc.constantFrom("yes", "no", "unmeasured"), { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
        const kinds = alertKinds.filter((kind) => kind !== "host-blocked");
        let [memory, atMs]: [AlertMemory, number] = [[], T0];
        const balance = new Map<string, number>();
        for (const { stepSeconds, holds } of [
          ...looks,
          ...Array.from({ length: 3 }, () => ({ stepSeconds: 2000, holds: [] })),
        ]) {
          atMs += stepSeconds * SECOND;
          const conditions = kinds.flatMap((kind, index) =>
            holds[index] === undefined || holds[index] === "no"
              ? []
              : [aCondition({ key: kind, kind, sinceMs: null, isMeasured: holds[index] === "yes" })],
          );
          const judged = judgeAlerts(memory, { conditions, nowMs: atMs });
          memory = judged.memory;
          for (const { change, key } of judged.notices) {
            const count = (balance.get(key) ?? 0) + (change === "firing" ? 1 : change === "resolved" ? -1 : 0);
            balance.set(key, count);
            if (count < 0 || count > 1) throw new Error(`${key}: ${change} when ${count} are open`);
          }
        }
        expect(memory).toEqual([]);
        expect([...balance.values()].every((count) => count === 0)).toBe(true);
      }),
    );
  });
});

it("firingNow shows what holds long enough, announced or not, and no occasion", () => {
  expect(firingNow([], [aCondition()], T0 + 599 * SECOND)).toEqual([]);
  expect(firingNow([], [aCondition()], T0 + 600 * SECOND)).toMatchObject([{ key: "blind", sinceMs: T0 }]);
});
