// GET /api/cost: what runs costs, what was spent, how long the credit lasts; and what so many workers would cost now.

import { Hono } from "hono";
import { z } from "zod";
import { type FleetSpending, spendingByFleet } from "../db/spending.ts";
import { withDeadline } from "../deadline.ts";
import { accountStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import { type CostRule, costRules, isRuleFor } from "../fleet/cost-rules.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { type Estimate, estimateCost, type Rates, ratesOf } from "../fleet/estimate.ts";
import { unknownGpuNotes } from "../fleet/gpu-names.ts";
import { offerQueryOf } from "../fleet/offer.ts";
import { normaliseGpu, resolveSpec } from "../fleet/spec.ts";
import { utcDay } from "../fleet/spend.ts";
import { zeb } from "../fleet/zeb.ts";
import { logEvent, maskSecrets } from "../log.ts";
import { formatCost } from "./cost-text.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { readFleets, totalOf } from "./fleet-list.ts";
import { answer } from "./present.ts";
import { costSchema } from "./schemas/offers.ts";
import { formatQuery, query } from "./validate.ts";

const BILLING_URL = "https://cloud.vast.ai/billing/";
const WEEK_MS = 7 * 86_400_000;
/** The runbook's table is of fleets of four. */
const WORKERS_DEFAULT = 4;
const WORKERS_MAX = 1000;
/** A look must leave most of the route's ten calls a minute to the CHECKs (Vast API reference §0). */
const PAGES_MAX = 3;

export interface FleetCost {
  readonly name: string;
  /** 0 for a fleet that is deleted. */
  readonly usdPerHour: number;
  readonly todayUsd: number;
  /** `null` while D1 does not answer: the fleets' own sums know the day and the total. */
  readonly last7DaysUsd: number | null;
  readonly totalUsd: number;
}

export interface CostDocument extends Rates {
  readonly spent: Omit<FleetCost, "name" | "usdPerHour">;
  readonly fleets: readonly FleetCost[];
  /** As last read, less the burn since; `null`: not known. */
  readonly creditUsd: number | null;
  readonly creditReadAt: string | null;
  /** Of every box of the account, whoever rented it; `hoursLeft` is by this. */
  readonly accountUsdPerHour: number | null;
  readonly hoursLeft: number | null;
  /** Why the fleets wait for credit; `null`: they do not. */
  readonly creditWait: string | null;
  /** When one of them may try again; `null`: they do not wait. */
  readonly creditProbeAt: string | null;
  readonly billingUrl: string;
  /** `null` where none was asked for, or the market does not answer. */
  readonly estimate: CostEstimate | null;
  readonly rulesOfThumb: readonly (CostRule & { readonly fits: boolean })[];
  readonly notes: readonly string[];
}

export interface CostEstimate extends Omit<Estimate, "offers"> {
  /** `null`: any of the default types. */
  readonly gpu: string | null;
  readonly found: number;
  readonly offers: readonly {
    readonly offerId: number;
    readonly machineId: number | null;
    readonly gpu: string;
    readonly usdPerHour: number;
  }[];
}

const workersText = `a whole number from 1 to ${WORKERS_MAX}`;
const workers = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, workersText)
  .transform(Number)
  .refine((count) => count <= WORKERS_MAX, workersText);
const gpu = z
  .string()
  .trim()
  .regex(/^[A-Za-z][A-Za-z0-9 _.-]{1,63}$/, "the name of a GPU type, such as RTX_3060")
  .transform(normaliseGpu);
const costQuery = formatQuery.extend({
  workers: workers.optional().meta({ description: "An estimate for so many", examples: ["4"] }),
  gpu: gpu.optional().meta({ description: "Of this GPU type", examples: ["RTX_3060"] }),
});

const words = describe("readCost", {
  chapter: "Market",
  summary: "What runs costs, what was spent, how long the credit lasts",
  description: "With `workers` or `gpu` also what the best live offers would cost.",
  answers: { 200: both(costSchema) },
});

export const cost = new Hono<DoorEnv>().get("/", words, query(costQuery), async (c) => {
  const { workers: count, gpu: type = null } = c.req.valid("query");
  const nowMs = Date.now();
  const [list, ledger, credit, estimated] = await Promise.all([
    readFleets(c.env, null),
    readSpending(c.env, nowMs),
    readCredit(c.env),
    count === undefined && type === null
      ? { estimate: null, notes: [] }
      : estimate(c.env, count ?? WORKERS_DEFAULT, type),
  ]);
  const fleets = fleetCosts(list.fleets, ledger);
  const document: CostDocument = {
    ...ratesOf(totalOf(list.fleets).usdPerHour),
    spent: totalSpent(fleets),
    fleets,
    creditUsd: credit?.creditUsd ?? null,
    creditReadAt: isoTime(credit?.readAtMs ?? null),
    accountUsdPerHour: credit?.usdPerHour ?? null,
    hoursLeft: credit?.hoursLeft ?? null,
    creditWait: credit?.wait?.why ?? null,
    creditProbeAt: isoTime(credit?.wait?.nextProbeAtMs ?? null),
    billingUrl: BILLING_URL,
    estimate: estimated.estimate,
    rulesOfThumb: costRules.map((rule) => ({ ...rule, fits: isRuleFor(rule, type) })),
    notes: [
      ...list.notes,
      ...(ledger === null ? ["D1 does not answer: what was spent is by the fleets' own count, without the week"] : []),
      ...(credit === null ? ["the account's keeper does not answer: the credit is not known"] : []),
      ...estimated.notes,
    ],
  };
  return answer(c, document, () => formatCost(document));
});

async function readSpending(env: Env, nowMs: number): Promise<readonly FleetSpending[] | null> {
  const times = { nowMs, dayAtMs: utcDay(nowMs), weekAtMs: nowMs - WEEK_MS };
  return orNull("cost.ledger", () => withDeadline(spendingByFleet(env.DB, times)));
}

function readCredit(env: Env) {
  return orNull("cost.credit", () => accountStub(env).credit());
}

/** Whatever does not answer is missing from the document, which says so. */
async function orNull<T>(event: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    logEvent({ event, outcome: "failed", detail: String(error) });
    return null;
  }
}

/** From the ledger, with deleted fleets; without it from what each fleet has counted itself. */
function fleetCosts(fleets: readonly FleetDocument[], ledger: readonly FleetSpending[] | null): FleetCost[] {
  const known = new Map(fleets.map((fleet) => [fleet.name, fleet]));
  const names = new Set([...known.keys(), ...(ledger ?? []).map(({ fleet }) => fleet)]);
  return [...names].toSorted().map((name) => {
    const fleet = known.get(name);
    const usdPerHour = fleet?.totals.usdPerHour ?? 0;
    const { todayUsd = 0, totalUsd = 0 } = fleet?.spend ?? {};
    if (ledger === null) return { name, usdPerHour, todayUsd, last7DaysUsd: null, totalUsd };
    const row = ledger.find((one) => one.fleet === name);
    return {
      name,
      usdPerHour,
      todayUsd: row?.todayUsd ?? 0,
      last7DaysUsd: row?.last7DaysUsd ?? 0,
      totalUsd: row?.totalUsd ?? 0,
    };
  });
}

function totalSpent(fleets: readonly FleetCost[]): CostDocument["spent"] {
  const sum = (of: (fleet: FleetCost) => number): number => fleets.reduce((total, fleet) => total + of(fleet), 0);
  const isWeekKnown = fleets.every(({ last7DaysUsd }) => last7DaysUsd !== null);
  return {
    todayUsd: sum(({ todayUsd }) => todayUsd),
    last7DaysUsd: isWeekKnown ? sum(({ last7DaysUsd }) => last7DaysUsd ?? 0) : null,
    totalUsd: sum(({ totalUsd }) => totalUsd),
  };
}

async function estimate(
  env: Env,
  count: number,
  type: string | null,
): Promise<{ readonly estimate: CostEstimate | null; readonly notes: readonly string[] }> {
  const spec = resolveSpec("zeb", { maxPriceUsdPerHour: null, ...(type === null ? {} : { gpus: [type] }) }, null);
  const wish = offerQueryOf(spec, zeb.diskGb, new Set());
  const odd = type === null ? [] : unknownGpuNotes([type], zeb.gamesPerSecondByGpu);
  const search = await orNull("cost.search", () => accountStub(env).search(wish, PAGES_MAX));
  if (search === null || !search.ok)
    return {
      estimate: null,
      notes: [...odd, `no estimate, the offer search failed: ${maskSecrets(search?.reason ?? "no answer")}`],
    };
  const throughput = {
    byGpu: zeb.gamesPerSecondByGpu,
    other: zeb.gamesPerSecondDefault,
    observedByMachine: new Map(),
    observedByGpu: new Map(),
  };
  const { offers, ...rates } = estimateCost(search.offers, { workers: count, spec, diskGb: zeb.diskGb, throughput });
  const rows = offers.map(({ offer: { offerId, machineId, gpu: name, usdPerHour } }) => ({
    offerId,
    machineId,
    gpu: name,
    usdPerHour,
  }));
  return {
    estimate: { ...rates, gpu: type, found: rows.length, offers: rows },
    notes: [...odd, ...(rows.length < count ? [fewerNote(rows.length, count, search.isCapped)] : [])],
  };
}

function fewerNote(found: number, wanted: number, isCapped: boolean): string {
  return isCapped
    ? `only the cheapest offers have been read: the estimate is of ${found}`
    : `the market has only ${found} of ${wanted} such offers: the estimate is of these`;
}

function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
