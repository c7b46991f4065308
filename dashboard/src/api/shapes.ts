// What the doors answer, as far as the dashboard reads it. Shapes of the pure core are imported; those that only a door
// makes stand here, and `test/dashboard/shapes.ts` fails to compile when a door's own shape no longer fits.

import type { FleetDocument, PlanDocument, WorkerDocument } from "../../../src/fleet/document.ts";
import type { LiveMessage } from "../../../src/fleet/live.ts";

export type { FleetDocument, LiveMessage, PlanDocument, WorkerDocument };
export type { DailyReport } from "../../../src/fleet/daily-report.ts";

export interface FleetList {
  readonly fleets: readonly FleetDocument[];
  readonly notes: readonly string[];
}

export type Scalar = string | number | boolean | null;

export interface EventDocument {
  readonly id: string;
  readonly at: string;
  readonly fleet: string | null;
  readonly kind: string;
  readonly slot: number | null;
  readonly instanceId: number | null;
  readonly machineId: number | null;
  readonly message: string;
  readonly evidence: Readonly<Record<string, Scalar>>;
}

export interface EventPage {
  readonly events: readonly EventDocument[];
  readonly since: string;
  readonly nextBefore: string | null;
}

export interface LedgerRow {
  readonly instanceId: number;
  readonly fleet: string;
  readonly slot: number;
  readonly label: string;
  readonly machineId: number | null;
  readonly gpu: string | null;
  readonly usdPerHour: number | null;
  readonly endCause: string | null;
  readonly endReason: string | null;
  readonly costUsd: number | null;
  readonly games: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly hours: number;
}

export interface LedgerPage {
  readonly instances: readonly LedgerRow[];
  readonly nextBefore: string | null;
}

export interface HostDocument {
  readonly machineId: number;
  readonly strikes: number;
  readonly blocked: boolean;
  readonly reasons: readonly string[];
  readonly blockedByHand: boolean;
  readonly note: string | null;
  readonly blockedUntil: string | null;
  readonly nextExpiryAt: string | null;
  readonly lastStrikeAt: string | null;
  readonly gpu: string | null;
  readonly gamesPerSecond: number | null;
  readonly lastSeenAt: string | null;
  readonly isInUse: boolean;
}

export interface HostList {
  readonly total: number;
  readonly hosts: readonly HostDocument[];
  readonly strikeLimit: number;
}

export interface StrikeDocument {
  readonly id: string;
  readonly at: string;
  readonly expiresAt: string;
  readonly refundedAt: string | null;
  readonly refundReason: string | null;
  readonly counts: boolean;
  readonly fleet: string | null;
  readonly instanceId: number | null;
  readonly reason: string;
}

export type HostWithHistory = HostDocument & { readonly history: readonly StrikeDocument[] };

export interface CostRule {
  readonly workers: number;
  readonly gpu: string;
  readonly usdPerHour: number;
  readonly usdPerDay: number;
  readonly usdPerWeek: number;
  readonly fits: boolean;
}

export interface CostDocument {
  readonly usdPerHour: number;
  readonly usdPerDay: number;
  readonly usdPerWeek: number;
  readonly spent: { readonly todayUsd: number; readonly last7DaysUsd: number | null; readonly totalUsd: number };
  readonly fleets: readonly {
    readonly name: string;
    readonly usdPerHour: number;
    readonly todayUsd: number;
    readonly last7DaysUsd: number | null;
    readonly totalUsd: number;
  }[];
  readonly creditUsd: number | null;
  readonly creditReadAt: string | null;
  readonly accountUsdPerHour: number | null;
  readonly hoursLeft: number | null;
  readonly creditWait: string | null;
  readonly creditProbeAt: string | null;
  readonly billingUrl: string;
  readonly estimate: {
    readonly workers: number;
    readonly gpu: string | null;
    readonly found: number;
    readonly usdPerHour: number;
    readonly usdPerDay: number;
    readonly usdPerWeek: number;
    readonly offers: readonly {
      readonly offerId: number;
      readonly machineId: number | null;
      readonly gpu: string;
      readonly usdPerHour: number;
    }[];
  } | null;
  readonly rulesOfThumb: readonly CostRule[];
  readonly notes: readonly string[];
}

export interface MeasuredGroup {
  readonly weightsName: string;
  readonly gpu: string;
  readonly samples: number;
  readonly games: number;
  readonly instances: number;
  readonly gamesPerSecond: number;
  readonly gamesPerSecondMin: number;
  readonly gamesPerSecondMax: number;
  readonly usdPerHour: number | null;
  readonly usdPerHourMin: number | null;
  readonly usdPerHourMax: number | null;
  readonly usdPerGamePerSecond: number | null;
  readonly rank: number;
}

export type MeasuredMachine = MeasuredGroup & { readonly machineId: number | null };

type Range = readonly [number, number];

export interface ReferenceRow {
  readonly gpu: string;
  readonly gamesPerSecond: Range;
  readonly usdPerHour: Range;
  readonly usdPerGamePerSecond: Range;
  readonly note: string;
}

export interface GpuStats {
  readonly since: string;
  readonly gpus?: readonly MeasuredGroup[];
  readonly machines?: readonly MeasuredMachine[];
  readonly reference: { readonly weightsName: string; readonly gpus: readonly ReferenceRow[] };
}

export interface OfferDocument {
  readonly rank: number | null;
  readonly offerId: number;
  readonly machineId: number | null;
  readonly gpu: string;
  readonly gpuCount: number;
  readonly gpuRamGb: number | null;
  readonly diskGb: number | null;
  readonly geolocation: string | null;
  readonly usdPerHour: number;
  readonly reliability: number | null;
  readonly expectedGamesPerSecond: number;
  readonly rateSource: string;
  readonly usdPerGamePerSecond: number | null;
  readonly strikes: number;
  readonly blocked: boolean;
  readonly refusal: string | null;
}

export interface OfferAnswer {
  readonly fleet: string | null;
  readonly terms: {
    readonly preset: string;
    readonly gpus: readonly string[];
    readonly maxPriceUsdPerHour: number | null;
    readonly diskGb: number;
  };
  readonly offers: readonly OfferDocument[];
  readonly refused: readonly OfferDocument[];
  readonly counts: {
    readonly mayBeTaken: number;
    readonly refused: number;
    readonly byReason: Readonly<Record<string, number>>;
  };
  readonly notes: readonly string[];
}

export interface StrayDocument {
  readonly instanceId: number;
  readonly label: string | null;
  readonly gpu: string | null;
  readonly status: string;
  readonly usdPerHour: number | null;
  readonly ageSeconds: number | null;
  readonly why: string;
  readonly ignored: boolean;
  readonly destroying: { readonly attempts: number; readonly lastError: string | null } | null;
}

export interface StrayList {
  readonly strays: readonly StrayDocument[];
  readonly total: { readonly strays: number; readonly usdPerHour: number };
  readonly notes: readonly string[];
}

export interface LogText {
  readonly instanceId: number;
  readonly text: string;
  readonly modifiedAt: string | null;
  readonly isStale: boolean;
  readonly from: "market" | "kept";
  readonly endedAt: string | null;
}

export interface SpecDiff {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface DryRun {
  readonly diff: readonly SpecDiff[];
  readonly plan: PlanDocument;
  readonly preflight: readonly {
    readonly name: string;
    readonly result: string;
    readonly detail: string;
    readonly hint: string | null;
  }[];
  readonly notes: readonly string[];
}

export interface ByHandAnswer {
  readonly lines: readonly string[];
}

export interface PresetList {
  readonly presets: readonly {
    readonly name: string;
    readonly needs: readonly string[];
    readonly target: number;
    readonly maxPriceUsdPerHour: number | null;
    readonly weightsName: string | null;
    readonly fleet: string | null;
  }[];
}

export interface CostDaysDocument {
  readonly days: readonly {
    /** A UTC day. */
    readonly day: string;
    readonly usd: number;
    readonly fleets: readonly { readonly fleet: string; readonly usd: number }[];
  }[];
  readonly fleets: readonly BudgetOutlook[];
  readonly creditUsd: number | null;
  readonly accountUsdPerHour: number | null;
  readonly hoursLeft: number | null;
  readonly creditEndsAt: string | null;
  readonly notes: readonly string[];
}

export interface BudgetOutlook {
  readonly fleet: string;
  readonly usdPerHour: number;
  readonly todayUsd: number;
  readonly totalUsd: number;
  readonly budgetUsdPerDay: number | null;
  readonly budgetUsdTotal: number | null;
  readonly stopAt: string | null;
  readonly onBudget: "hold" | "down";
  readonly reached: string | null;
  readonly nextLimitAt: string | null;
}

export interface SeriesPoint {
  readonly at: string;
  readonly live: number;
  readonly producing: number;
  readonly gamesPerSecond: number;
  readonly usdPerHour: number;
}

export interface SeriesDocument {
  readonly fleets: readonly { readonly fleet: string; readonly points: readonly SeriesPoint[] }[];
}

export interface OneSeriesDocument {
  readonly points: readonly SeriesPoint[];
}

export interface SessionDocument {
  readonly role: string;
  readonly name: string;
  /** `null`: it has no end of its own. */
  readonly expiresAt: string | null;
}
