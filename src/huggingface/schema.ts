// The shapes of the Hub's answers as they arrive (fleet behaviour reference §7; huggingface.co OpenAPI). Loose about
// extra fields, strict about the few that are used.

import { z } from "zod";

const count = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);

/** `<name>-state.json`: nothing else is in it, no time stamp either (§7.1). */
export const learnerStateSchema = z.object({
  step: count,
  total_games: count,
  wandb_run_id: z.string().max(200).nullish(),
});

export const treeSchema = z.array(z.object({ type: z.string(), path: z.string() }));
export type TreeRow = z.output<typeof treeSchema>[number];

export const commitsSchema = z.array(
  z.object({
    id: z.string(),
    title: z.string(),
    date: z.string(),
  }),
);
export type CommitRow = z.output<typeof commitsSchema>[number];

const scoped = z.object({
  entity: z.object({ type: z.string(), name: z.string().nullish() }),
  permissions: z.array(z.string()).default([]),
});

const fineGrained = z.object({ global: z.array(z.string()).catch([]), scoped: z.array(scoped).catch([]) });
export type FineGrained = z.output<typeof fineGrained>;

/** `whoami-v2`. The e-mail address, plan and billing go no further than this schema. */
export const whoamiSchema = z.object({
  name: z.string().min(1),
  orgs: z.array(z.object({ name: z.string(), roleInOrg: z.string().nullish() })).catch([]),
  auth: z
    .object({
      accessToken: z.object({
        role: z.string(),
        fineGrained: fineGrained.nullish().catch(null),
      }),
    })
    .nullish()
    .catch(null),
});
export type WhoamiRow = z.output<typeof whoamiSchema>;
