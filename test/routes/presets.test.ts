import { expect, it } from "vitest";
import { presetNames } from "../../src/fleet/preset.ts";
import { aWorld, VIEWER } from "./fakes.ts";

interface Presets {
  readonly presets: readonly { readonly name: string; readonly launcher: string; readonly needs: readonly string[] }[];
}

it("lists what each preset sets, which launcher it stands for and what it needs", async () => {
  const answer = await aWorld().ask("/api/presets", { token: VIEWER });
  expect(answer.status).toBe(200);
  const { presets }: Presets = await answer.json();
  expect(presets.map(({ name }) => name)).toEqual(presetNames);
  expect(presets.find(({ name }) => name === "zeb-large")).toMatchObject({
    workload: "zeb",
    weightsName: "large",
    target: 8,
    maxPriceUsdPerHour: 0.09,
    launcher: "go.sh",
    fleet: "zeb-large",
    needs: [],
  });
  expect(presets.find(({ name }) => name === "zeb-exp-evalaux")?.needs).toEqual(["weightsName"]);
});

it("prints a table where text is asked for", async () => {
  const lines = (await (await aWorld().ask("/api/presets?format=text")).text()).split("\n");
  expect(lines[0]).toMatch(/^Preset +Workload +Weights +Target +\$\/hr cap +Stands for +GPUs$/);
  expect(lines.find((line) => line.startsWith("zeb-belief "))).toMatch(
    /large-belief +12 +0\.100 +go-belief\.sh +RTX 3070 Ti, /,
  );
});

it.each([
  ["PUT", "/api/fleets/x", { target: 1, preset: "zeb-huge" }],
  ["PATCH", "/api/fleets/x", { preset: "zeb-huge" }],
  ["POST", "/api/fleets/x/up", { count: 1, preset: "zeb-huge" }],
])("%s %s with a preset that there is not is refused with the list", async (method, path, body) => {
  const world = aWorld();
  const answer = await world.ask(path, { method, body });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({
    errors: [{ field: "preset", expected: `one of ${presetNames.map((name) => `"${name}"`).join(", ")}` }],
  });
  expect(world.calls).toEqual([]);
});
