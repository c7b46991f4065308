// The shapes of Vast's answers as they arrive (Vast API reference §2, §3, §4, §6, §7): loose about extra fields, and
// tolerant field by field. A field that is missing, null or mistyped becomes `null`; only a row without a usable id makes
// its page unreadable, because a list with a nameless row cannot be counted.

import { z } from "zod";

/** Zod takes a missing key for an error unless the field is optional. */
const anything = z.unknown().optional();
/** Numbers arrive as numbers or as digits in a string; anything else is `null`. */
const number = anything.transform(toNumber);
const text = anything.transform((value) => (typeof value === "string" ? value : null));
const flag = anything.transform((value) => (typeof value === "boolean" ? value : null));
/** A positive integer that is needed: without it the answer is unreadable. */
const id = z.unknown().transform(toNumber).pipe(z.int().positive());

function toNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !/^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(value)) return null;
  return Number.isFinite(Number(value)) ? Number(value) : null;
}

/** One instance of the list or of the single read. Only the fields we use leave this object (§4). */
export const instanceRowSchema = z.object({
  id,
  label: text,
  machine_id: number,
  host_id: number,
  gpu_name: text,
  actual_status: text,
  intended_status: text,
  cur_state: text,
  status_msg: text,
  dph_total: number,
  storage_total_cost: number,
  start_date: number,
  end_date: number,
  is_bid: flag,
  image_runtype: text,
  public_ipaddr: text,
  ssh_host: text,
  ssh_port: number,
  /** Absent, null or {} until running; HostPort is a string. Read in convert.ts. */
  ports: anything,
  /** List of pairs with the instance's environment in clear. Read for two marks in convert.ts, then dropped. */
  extra_env: anything,
});
export type InstanceRow = z.output<typeof instanceRowSchema>;

export const instancePageSchema = z.object({
  instances: z.array(instanceRowSchema),
  total_instances: z.unknown().transform(toNumber).pipe(z.int().nonnegative()),
  /** `null` on the last page. */
  next_token: z
    .union([z.string(), z.null()])
    .optional()
    .transform((token) => (token === undefined || token === "" ? null : token)),
});

/** §4: `null`, an empty array or {} mean that there is no such instance; one object or a one-element array is the instance. */
export const instanceOneSchema = z.object({
  instances: z.union([
    z.null(),
    z.array(instanceRowSchema).max(1),
    z.strictObject({}).transform(() => null),
    instanceRowSchema,
  ]),
});

/** One offer. `id` and `ask_contract_id` are the same number where both are given (§2). */
export const offerRowSchema = z
  .object({
    id: number,
    ask_contract_id: number,
    machine_id: number,
    host_id: number,
    gpu_name: text,
    num_gpus: number,
    gpu_ram: number,
    disk_space: number,
    dph_total: number,
    reliability: number,
    reliability2: number,
    cuda_max_good: number,
    driver_version: text,
    duration: number,
    inet_down_cost: number,
    rentable: flag,
    rented: flag,
    geolocation: text,
    resource_type: text,
  })
  .refine((row) => Number.isInteger(row.id ?? row.ask_contract_id), "an offer without an id");
export type OfferRow = z.output<typeof offerRowSchema>;

/** The OpenAPI example shows one object where live answers have an array (§2). */
export const offerPageSchema = z.object({
  offers: z.union([z.array(offerRowSchema), offerRowSchema.transform((row) => [row])]),
});

/** `id` binds the account; the e-mail address, the keys and the rest of the answer go no further than this schema (§7). */
export const accountSchema = z.object({ id, credit: number, balance: number });

const sshKeysSchema = z.union([
  z.array(z.looseObject({})),
  z.object({ ssh_keys: z.array(z.looseObject({})) }).transform((answer) => answer.ssh_keys),
]);

/** The keys themselves go no further; `null` where the text is no list of keys. */
export function countSshKeyRows(body: string): number | null {
  try {
    const parsed = sshKeysSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.length : null;
  } catch {
    return null;
  }
}

export const logRequestSchema = z.object({ result_url: z.string().min(1).max(4096) });

/** The id that a create made, wherever in the answer's object it is; `null` where there is none (§3). */
export function readNewContract(json: Readonly<Record<string, unknown>> | null): number | null {
  const parsed = id.safeParse(json?.["new_contract"]);
  return parsed.success ? parsed.data : null;
}
