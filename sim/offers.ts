/**
 * What can be rented now: offer rows made from the free machines, and the search over them (Vast API reference §2).
 */
import { bareFilters, matchesFilters, sortRows, type Filters, type Row } from "./query.ts";
import type { Host } from "./hosts.ts";
import { textOf } from "./loose-json.ts";
import { draw, drawInteger } from "./random.ts";
import type { MarketState } from "./state.ts";

/** The server caps every answer at this many rows, whatever `limit` asks. */
const ROW_CAP = 64;
/** Storage is priced by the month of 30 days. */
const HOURS_PER_MONTH = 720;
const NOT_FILTERS = new Set([
  "type",
  "order",
  "limit",
  "allocated_storage",
  "disable_bundling",
  "select_cols",
  "client_id",
]);

export type SearchResult =
  | { readonly kind: "rows"; readonly rows: Row[] }
  | { readonly kind: "refused"; readonly message: string };

export interface SearchOptions {
  /** The server ignores filters on numbers, and storage-only rows appear (fault `search-unfiltered`). */
  readonly ignoreNumbers: boolean;
  /** The filter on machines is ignored too (the same fault with the value "machines"). */
  readonly ignoreMachines: boolean;
  /** Rented machines are still shown under their last offers (fault `search-stale`). */
  readonly showRented: boolean;
}

/** Puts a free machine up for rent under new offer ids; a machine with two GPUs is offered by one and by both. */
export function listHost(state: MarketState, host: Host): void {
  host.rentedByBoxId = null;
  host.offers = Array.from({ length: host.gpuCount }, (_, index) => {
    state.counters.offer += drawInteger(3, 40, state.settings.seed, "offer-id", state.counters.offer);
    return { id: state.counters.offer, gpuCount: index + 1 };
  });
}

/** The machine behind an offer that is for rent now. */
export function findOffer(state: MarketState, offerId: number): { host: Host; gpuCount: number } | null {
  for (const host of state.hosts.values()) {
    const offer = host.offers.find((one) => one.id === offerId);
    if (offer !== undefined) return { host, gpuCount: offer.gpuCount };
  }
  return null;
}

export function searchOffers(state: MarketState, query: Row, options: SearchOptions): SearchResult {
  const diskGb = Number(query["allocated_storage"] ?? 0) || 0;
  const isBid = query["type"] === "bid" || query["type"] === "interruptible";
  const rows = [...state.hosts.values()].flatMap((host) => {
    const shown = host.offers.length === 0 && options.showRented ? host.lastOffers : host.offers;
    return shown.map((offer) => offerRow(state, host, offer, diskGb, isBid));
  });
  const storage = storageRows(state);
  // With every machine rented the storage row still tells which fields there are.
  const sample = rows[0] ?? storage[0] ?? {};
  const filterNames = new Set([...Object.keys(sample), "verified"].filter((name) => !NOT_FILTERS.has(name)));
  const bare = bareFilters(query, filterNames);
  if (bare.length > 0) {
    return { kind: "refused", message: bare.map((name) => `q.${name}: Input should be a valid dictionary`).join("; ") };
  }
  const filters = readFilters(query, filterNames, options, sample);
  const found = [...rows, ...storage].filter((row) => matchesFilters(row, filters));
  const order = readOrder(query["order"]);
  const limit = Number(query["limit"] ?? ROW_CAP);
  const cap = Number.isFinite(limit) && limit > 0 ? Math.min(limit, ROW_CAP) : ROW_CAP;
  return { kind: "rows", rows: sortRows(found, order).slice(0, cap) };
}

function readFilters(query: Row, known: ReadonlySet<string>, options: SearchOptions, sample: Row): Filters {
  const filters: Record<string, Record<string, unknown>> = {};
  for (const [field, value] of Object.entries(query)) {
    if (!known.has(field) || typeof value !== "object" || value === null) continue;
    if (field === "machine_id" ? options.ignoreMachines : options.ignoreNumbers && typeof sample[field] === "number")
      continue;
    // `id` finds no offer; `ask_contract_id` does (Vast API reference §2).
    filters[field] = field === "id" ? { in: [] } : { ...value };
  }
  return filters;
}

function readOrder(value: unknown): [string, string][] {
  if (!Array.isArray(value)) return [["score", "desc"]];
  const pairs = value
    .filter((pair): pair is unknown[] => Array.isArray(pair))
    .map((pair): [string, string] => [textOf(pair[0], ""), textOf(pair[1], "asc")]);
  return pairs.length > 0 ? pairs : [["score", "desc"]];
}

/** $/hr of this many gigabytes on this machine. */
export function storageUsdPerHour(host: Host, diskGb: number): number {
  return (host.storageUsdPerGbMonth * diskGb) / HOURS_PER_MONTH;
}

function offerRow(
  state: MarketState,
  host: Host,
  offer: { id: number; gpuCount: number },
  diskGb: number,
  isBid: boolean,
): Row {
  const seed = state.settings.seed;
  const minimumBid = round(host.gpuUsdPerHour * offer.gpuCount * 0.55, 4);
  const base = isBid ? minimumBid : host.gpuUsdPerHour * offer.gpuCount;
  const disk = storageUsdPerHour(host, diskGb);
  const total = round(base + disk, 6);
  const performance = round(host.gamesPerSecond * 11.3 * offer.gpuCount, 2);
  const flops = round(host.gamesPerSecond * 8.9 * offer.gpuCount, 2);
  return {
    id: offer.id,
    ask_contract_id: offer.id,
    bundle_id: 900_000_000 + host.machineId,
    bundled_results: null,
    machine_id: host.machineId,
    host_id: host.hostId,
    gpu_name: host.gpuName,
    num_gpus: offer.gpuCount,
    gpu_ram: host.gpuRamMb,
    gpu_total_ram: host.gpuRamMb * offer.gpuCount,
    gpu_frac: offer.gpuCount / host.gpuCount,
    gpu_arch: "nvidia",
    gpu_display_active: false,
    compute_cap: host.gpuName.startsWith("RTX 40") ? 890 : 860,
    gpu_mem_bw: 448.2,
    gpu_lanes: 16,
    pcie_bw: 12.4,
    pci_gen: 4,
    bw_nvlink: 0,
    mobo_name: "X570 GAMING",
    dlperf: performance,
    dlperf_per_dphtotal: round(performance / total, 1),
    total_flops: flops,
    flops_per_dphtotal: round(flops / total, 1),
    score: round((performance / total) * host.reliability, 1),
    cpu_name: "AMD Ryzen 5 5600X",
    cpu_arch: "amd64",
    cpu_cores: 12,
    cpu_cores_effective: 12 * (offer.gpuCount / host.gpuCount),
    cpu_ghz: 3.7,
    cpu_ram: 32_000,
    has_avx: 1,
    disk_name: "NVME",
    disk_space: host.diskGb,
    disk_bw: 2150,
    inet_down: host.inetDownMbps,
    inet_up: host.inetUpMbps,
    inet_down_cost: 0.0039,
    inet_up_cost: 0.0039,
    internet_down_cost_per_tb: 4,
    internet_up_cost_per_tb: 4,
    cuda_max_good: host.cudaMaxGood,
    driver_version: host.driverVersion,
    driver_vers: driverNumber(host.driverVersion),
    os_version: "22.04",
    direct_port_count: host.directPorts,
    public_ipaddr: host.publicIp,
    static_ip: true,
    geolocation: host.geolocation,
    geolocode: 42_424_242,
    dph_base: round(base, 4),
    dph_total: total,
    dph_total_adj: total,
    discounted_dph_total: total,
    discounted_hourly: 0,
    storage_cost: host.storageUsdPerGbMonth,
    storage_total_cost: disk,
    min_bid: minimumBid,
    is_bid: isBid,
    credit_discount_max: 0.4,
    search: {
      gpuCostPerHour: base,
      diskHour: disk,
      totalHour: total,
      discountTotalHour: 0,
      discountedTotalPerHour: total,
    },
    reliability: round(host.reliability, 4),
    reliability2: host.reliability,
    reliability_mult: round(host.reliability, 4),
    expected_reliability: 0.98,
    verification: host.verified ? "verified" : "unverified",
    verified: host.verified,
    vericode: host.verified ? 1 : 0,
    rentable: true,
    rented: false,
    external: null,
    hosting_type: 0,
    datacenter: false,
    vms_enabled: false,
    resource_type: "gpu",
    duration: (host.listedUntilMs - state.nowMs) / 1000,
    start_date: state.startedAtMs / 1000 - 86_400 * (1 + Math.floor(draw(seed, "listed", host.machineId) * 60)),
    end_date: host.listedUntilMs / 1000,
    cluster_id: null,
    webpage: null,
    logo: "/static/logos/vastai_small2.png",
    time_remaining: "",
    time_remaining_isbid: "",
    avail_vol_ask_id: 333_333,
    avail_vol_size: 200,
    avail_vol_dph: 0.0003,
  };
}

/** A machine that rents disk only: it shows up in searches that name no GPU (Vast API reference §2). */
function storageRows(state: MarketState): Row[] {
  const host = state.hosts.values().next().value;
  if (host === undefined) return [];
  const offer = { id: 1000 + host.machineId, gpuCount: 1 };
  return [
    {
      ...offerRow(
        state,
        { ...host, gpuName: "", gamesPerSecond: 0, machineId: host.machineId + 1_000_000 },
        offer,
        0,
        false,
      ),
      num_gpus: 0,
      gpu_ram: 0,
      gpu_name: null,
      resource_type: "storage",
      dph_base: 0,
      dph_total: 0.0004,
    },
  ];
}

/** "535.86.05" as the wire's integer 535086005: each part padded to three digits. */
function driverNumber(version: string): number {
  return Number(
    version
      .split(".")
      .map((part) => part.padStart(3, "0"))
      .join(""),
  );
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
