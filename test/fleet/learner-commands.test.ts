import { expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import { learnerCommands } from "../../src/fleet/learner-commands.ts";
import { aSituation, aSpec, someBoxes } from "../support/builders.ts";

// Runbook §9.
it("says how the weights come to be, in the runbook's words with the fleet's own repos and names", () => {
  const spec = aSpec({ weightsName: "large", weightsRepo: "me/zeb", examplesRepo: "me/zeb-examples" });
  expect(learnerCommands(spec)).toEqual([
    "to make these weights, first a checkpoint: python -m forge.zeb.init_checkpoint --size large -o forge/zeb/checkpoints/large-init.pt",
    "then its learner: python -u -m forge.zeb.learner.run --repo-id me/zeb --examples-repo-id me/zeb-examples --weights-name large " +
      "--checkpoint forge/zeb/checkpoints/large-init.pt --lr 1e-4 --batch-size 64 --replay-buffer-size 50000 --training-steps-per-cycle 1000 --wandb",
  ]);
});

it.each([
  ["large", "large"],
  ["large-belief", "large"],
  ["zeb-557k-1m", "medium"],
  ["enlarged", "medium"],
])("guesses the size of %s: %s", (weightsName, size) => {
  expect(learnerCommands(aSpec({ weightsName }))[0]).toContain(`--size ${size} `);
});

it("is told by a fleet that waits for weights, full or not, and by no other", () => {
  const four = someBoxes(4);
  const notes = (changes: Parameters<typeof aSituation>[0]) =>
    decide(aSituation(changes)).notes.filter((note) => note.includes("forge.zeb")).length;
  expect(notes({ weights: "missing" })).toBe(2);
  expect(notes({ ...four, weights: "missing" })).toBe(2);
  expect(notes({ ...four, weights: "missing", mode: "paused" })).toBe(0);
  expect(notes({ weights: "no-credentials" })).toBe(0);
});
