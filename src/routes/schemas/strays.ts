// Boxes of the account that are no fleet's, as answers show them.

import { z } from "zod";
import type { BoxFacts, StrayDocument, StrayEnd, StrayList } from "../../durable/rpc.ts";
import { notes, partOf, schemaOf } from "./schema-of.ts";

const strayExample: StrayDocument = {
  instanceId: 87_654_400,
  label: "jupyter",
  gpu: "RTX 3090",
  status: "running",
  usdPerHour: 0.21,
  ageSeconds: 5400,
  why: "its label is no fleet's",
  ignored: false,
  destroying: null,
};

const straySchema = schemaOf<StrayDocument>()(
  "Stray",
  {
    instanceId: z.int(),
    label: z.string().nullable(),
    gpu: z.string().nullable(),
    status: z.string(),
    usdPerHour: z.number().nullable(),
    ageSeconds: z.int().nullable(),
    why: z.string(),
    ignored: z.boolean(),
    destroying: partOf<NonNullable<StrayDocument["destroying"]>>()({
      attempts: z.int(),
      lastError: z.string().nullable(),
    }).nullable(),
  },
  { about: "A box that bills and is no fleet's", example: strayExample },
);

export const strayListSchema = schemaOf<StrayList>()(
  "StrayList",
  {
    strays: z.array(straySchema),
    total: partOf<StrayList["total"]>()({ strays: z.int(), usdPerHour: z.number() }),
    notes,
  },
  {
    about: "What bills on the account and is no fleet's; the total leaves out the ignored ones",
    example: { strays: [strayExample], total: { strays: 1, usdPerHour: 0.21 }, notes: [] },
  },
);

const boxExample: BoxFacts = {
  instanceId: 87_654_400,
  label: "jupyter",
  fleet: null,
  gpu: "RTX 3090",
  status: "running",
  usdPerHour: 0.21,
  startedAtMs: 1_795_543_200_000,
  ssh: "ssh -p 40022 root@203.0.113.41",
  strayWhy: "its label is no fleet's",
  isEnding: true,
};

const boxFields = {
  instanceId: z.int(),
  label: z.string().nullable(),
  fleet: z.string().nullable(),
  gpu: z.string().nullable(),
  status: z.string().nullable(),
  usdPerHour: z.number().nullable(),
  startedAtMs: z.number().nullable(),
  ssh: z.string().nullable(),
  strayWhy: z.string().nullable(),
  isEnding: z.boolean(),
};

const boxSchema = schemaOf<BoxFacts>()("Box", boxFields, {
  about: "One box of the account, as its last proven list shows it",
  example: boxExample,
});

export const strayIgnoredSchema = schemaOf<BoxFacts & { readonly ignored: boolean }>()(
  "StrayIgnored",
  { ...boxFields, ignored: z.boolean() },
  { about: "A stray, and whether it is left out of totals", example: { ...boxExample, ignored: true } },
);

export const strayEndSchema = schemaOf<StrayEnd>()(
  "StrayEnd",
  {
    stray: boxSchema,
    attempts: z.int(),
    lastError: z.string().nullable(),
    waitsFor: z.string().nullable().meta({ description: "Why nothing has been sent yet; `null`: it has" }),
  },
  {
    about: "An order to end a stray",
    example: { stray: boxExample, attempts: 0, lastError: null, waitsFor: null },
  },
);
