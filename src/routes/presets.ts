// GET /api/presets: what each preset sets, and which of the runbook's launchers it stands for.

import { Hono } from "hono";
import { type Preset, presetNames, presets } from "../fleet/preset.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { answer } from "./present.ts";
import { presetsSchema } from "./schemas/workloads.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

export interface PresetDocument extends Preset {
  readonly name: string;
  /** What a request must give besides. */
  readonly needs: readonly string[];
}

const documents: readonly PresetDocument[] = presetNames.map((name) => ({
  name,
  needs: presets[name].weightsName === null ? ["weightsName"] : [],
  ...presets[name],
}));

const words = describe("listPresets", {
  chapter: "Workloads",
  summary: "What each preset sets, and which of the runbook's launchers it stands for",
  answers: { 200: both(presetsSchema) },
});

export const presetList = new Hono<DoorEnv>().get("/", words, query(formatQuery), (c) =>
  answer(c, { presets: documents }, () => formatPresets(documents)),
);

const columns: readonly Column[] = [
  { head: "Preset", width: 16 },
  { head: "Workload", width: 11 },
  { head: "Weights", width: 19 },
  { head: "Target", width: 6, align: "right" },
  { head: "$/hr cap", width: 8, align: "right" },
  { head: "Stands for", width: 10 },
  { head: "GPUs", width: 4 },
];

function formatPresets(list: readonly PresetDocument[]): string {
  const rows = list.map(({ name, workload, weightsName, target, maxPriceUsdPerHour, gpus, launcher }) => [
    name,
    workload,
    weightsName ?? "(name them)",
    String(target),
    maxPriceUsdPerHour.toFixed(3),
    launcher,
    gpus.join(", "),
  ]);
  return textOf(tableLines(columns, rows));
}
