import { expect, it } from "vitest";
import { needsALook, overall, type OverallFacts, urgencyOf } from "../../dashboard/src/view/overall.ts";
import { resolveSpec } from "../../src/fleet/spec.ts";

type Verdicts = readonly OverallFacts["workers"][number]["verdict"][];

function aFleet(state: OverallFacts["state"], target: number, verdicts: Verdicts): OverallFacts {
  const producing = verdicts.filter((verdict) => verdict === "producing" || verdict === "uploading").length;
  return {
    state,
    mode: state === "paused" || state === "down" ? state : "active",
    spec: resolveSpec("zeb", { target }, null),
    totals: { live: verdicts.length, producing, usdPerHour: 0.1, gamesPerSecond: 3 },
    workers: verdicts.map((verdict) => ({ verdict }) as OverallFacts["workers"][number]),
  };
}

const steady = aFleet("steady", 2, ["producing", "uploading"]);

it.each([
  ["all is well when all produce", [steady], "ok", "All is well"],
  ["a fleet at rest takes nothing from that", [steady, aFleet("down", 4, [])], "ok", "All is well"],
  [
    "a worker that fails is the keeper's work",
    [steady, aFleet("steady", 2, ["producing", "failed"])],
    "busy",
    "1 worker fails: the keeper is at it",
  ],
  ["two of them", [aFleet("ramping", 2, ["stalled", "failed"])], "busy", "2 workers fail: the keeper is at it"],
  [
    "one that delivers nothing beside one that does is the keeper's work too",
    [aFleet("steady", 2, ["producing", "undelivered"])],
    "busy",
    "1 worker fails: the keeper is at it",
  ],
  [
    "two that deliver nothing are left to a person",
    [steady, aFleet("steady", 4, ["producing", "producing", "undelivered", "undelivered"])],
    "bad",
    "2 workers deliver nothing: see why",
  ],
  [
    "so is the only one of a fleet",
    [steady, aFleet("steady", 1, ["undelivered"])],
    "bad",
    "1 worker delivers nothing: see why",
  ],
  [
    "one in each of two fleets is each keeper's work",
    [aFleet("steady", 2, ["producing", "undelivered"]), aFleet("steady", 2, ["producing", "undelivered"])],
    "busy",
    "2 workers fail: the keeper is at it",
  ],
  [
    "such a fleet counts beside one whose state waits for a person",
    [aFleet("blind", 1, []), aFleet("steady", 2, ["undelivered", "undelivered"])],
    "bad",
    "2 fleets need a look",
  ],
  [
    "a fleet that was paused is left alone with it",
    [aFleet("paused", 2, ["undelivered", "undelivered"])],
    "idle",
    "Every fleet is paused or down",
  ],
  ["a fleet that fills", [steady, aFleet("ramping", 4, ["producing", "booting"])], "busy", "3 workers still to come"],
  [
    "a state that waits for a person outdoes the rest",
    [steady, aFleet("no-offers", 4, ["failed"])],
    "bad",
    "1 fleet needs a look",
  ],
  ["two of those", [aFleet("blind", 1, []), aFleet("over-budget", 1, [])], "bad", "2 fleets need a look"],
  [
    "nothing is wanted",
    [aFleet("paused", 2, ["failed", "producing"]), aFleet("down", 4, [])],
    "idle",
    "Every fleet is paused or down",
  ],
] as const)("%s", (_, fleets, tone, sentence) => expect(overall(fleets)).toEqual({ tone, sentence }));

it("sends a person to a fleet that delivers nothing, and before those that go on well", () => {
  const undelivered = aFleet("steady", 2, ["undelivered", "undelivered"]);
  expect([undelivered, steady, aFleet("ramping", 2, []), aFleet("no-offers", 2, [])].map(needsALook)).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(urgencyOf(undelivered)).toBe(urgencyOf(aFleet("blind", 2, [])));
  expect(urgencyOf(undelivered)).toBeLessThan(urgencyOf(steady));
});
