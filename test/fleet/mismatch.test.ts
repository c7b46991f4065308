import { describe, expect, it } from "vitest";
import { mismatches, mismatchOf } from "../../src/fleet/mismatch.ts";
import { fingerprintOf } from "../../src/fleet/start-script.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { aSpec, aWorker, FINGERPRINT } from "../support/builders.ts";

const spec = aSpec({ gpus: ["RTX 3070"], maxPriceUsdPerHour: 0.09 });

describe("a box that the spec would not have rented", () => {
  it.each([
    ["of a type that is not in the list", { gpu: "RTX 3090" }, "GPU RTX 3090 is not in the list"],
    ["over the cap", { usdPerHour: 0.0906 }, "$0.091/hr is over the cap"],
    ["of other software", { fingerprint: "another" }, "runs another image, commit, script or weights"],
    [
      "for several reasons",
      { gpu: "RTX 3090", fingerprint: "another" },
      "GPU RTX 3090 is not in the list; runs another image, commit, script or weights",
    ],
  ])("is one %s", (_words, changes, why) => {
    const workers = [aWorker({ slot: 0 }), aWorker({ slot: 1, ...changes })];
    expect(mismatches(workers, spec, FINGERPRINT)).toEqual([{ slot: 1, instanceId: 1001, why }]);
  });

  it.each([
    ["at the cap", { usdPerHour: 0.09 }],
    ["that rounds to the cap", { usdPerHour: 0.0904 }],
    ["of which nothing is known", { gpu: null, usdPerHour: null, fingerprint: null }],
  ])("is none %s", (_words, changes) => {
    expect(mismatchOf(aWorker(changes), spec, FINGERPRINT)).toBeNull();
  });

  it("is none for a changed upload interval alone", () => {
    const workload = zeb;
    const own = fingerprintOf(aSpec({ uploadIntervalSeconds: 300 }), workload);
    const now = fingerprintOf(aSpec({ uploadIntervalSeconds: 600 }), workload);
    expect(mismatchOf(aWorker({ fingerprint: own }), aSpec(), now)).toBeNull();
    expect(
      mismatchOf(aWorker({ fingerprint: own }), aSpec(), fingerprintOf(aSpec({ gitRef: "v2" }), workload)),
    ).not.toBeNull();
  });
});
