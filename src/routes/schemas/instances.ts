// The log of an instance, and the keeper's health, as answers show them.

import { z } from "zod";
import type { LogText } from "../../durable/rpc.ts";
import type { Health } from "../healthz.ts";
import { instantText, oneOf, schemaOf } from "./schema-of.ts";

export const logSchema = schemaOf<LogText>()(
  "Log",
  {
    instanceId: z.int(),
    text: z.string().meta({ description: "Masked" }),
    modifiedAt: instantText.nullable(),
    isStale: z.boolean(),
    from: oneOf<LogText["from"]>()("market", "kept"),
    endedAt: instantText.nullable().meta({ description: "When the instance was given up; `null`: it is there" }),
  },
  {
    about: "The end of a log; of an instance that is gone, the lines that were kept",
    example: {
      instanceId: 87_654_321,
      text: "Batch 31: 256 games in 106.2s (2.4 games/s)",
      modifiedAt: "2026-11-23T17:59:58.000Z",
      isStale: false,
      from: "market",
      endedAt: null,
    },
  },
);

export const healthSchema = schemaOf<Health>()(
  "Health",
  {
    ok: z.boolean(),
    version: z.string(),
    d1: oneOf<Health["d1"]>()("ok", "unreachable"),
    lastCheckAgeSeconds: z.int().nullable().exactOptional(),
  },
  {
    about: "Is the keeper there, and does its history answer?",
    example: { ok: true, version: "0.1.0", d1: "ok", lastCheckAgeSeconds: 21 },
  },
);
