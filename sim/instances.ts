/**
 * A rented box: its data, and the row that the API shows for it (Vast API reference §4). How it gets there over time
 * is in box-life.ts.
 */
import type { HostTrait } from "./hosts.ts";
import { draw, drawHex, drawInteger } from "./random.ts";
import type { Row } from "./query.ts";
import type { MarketState } from "./state.ts";

export type ActualStatus =
  | "created"
  | "loading"
  | "running"
  | "stopped"
  | "exited"
  | "rebooting"
  | "recycling"
  | "unknown"
  | "offline";

export type EndedBy = "destroy" | "vanish" | "test";

interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

export interface Box {
  id: number;
  accountId: number;
  offerId: number;
  machineId: number;
  hostId: number;
  gpuName: string;
  gpuCount: number;
  label: string | null;
  image: string;
  diskGb: number;
  env: Record<string, string>;
  onstart: string | null;
  args: readonly string[];
  runtype: string;
  apiKey: string;
  isBid: boolean;
  gpuUsdPerHour: number;
  storageUsdPerHour: number;
  rentedAtMs: number;
  /** When the list begins to show it. */
  listedAtMs: number;
  runningAtMs: number | null;
  endedAtMs: number | null;
  endedBy: EndedBy | null;
  intendedStatus: "running" | "stopped";
  actualStatus: ActualStatus | null;
  curState: "running" | "stopped";
  statusMessage: string | null;
  /** The container exists, so there is a container log. */
  hasContainer: boolean;
  /** The host answers: false keeps logs away and freezes the world's view. */
  isReachable: boolean;
  /** Telemetry and ports are known from this moment on. */
  portsAtMs: number | null;
  isGpuBilled: boolean;
  billedUsd: number;
  settledAtMs: number;
  /** Counts starts; an act planned in an earlier life is dropped. */
  life: number;
  trait: HostTrait;
  log: LogLine[];
  daemonLog: LogLine[];
  /** A line that repeats for ever; the log is made up when somebody reads it. */
  loop: { text: string; fromMs: number; everyMs: number } | null;
  worker: BoxWorker | null;
  /** Destroyed with 200, yet still there (fault `destroy-stays`). */
  wasDestroyAsked: boolean;
}

/** The worker inside the box: self-play, eval-aux, or an image's own program. */
export interface BoxWorker {
  readonly workerId: string;
  readonly mode: "selfplay" | "eval_aux" | "program";
  readonly weightsName: string;
  readonly weightsRepo: string;
  readonly examplesRepo: string;
  readonly uploadIntervalSeconds: number;
  readonly gamesPerBatch: number;
  readonly syncInterval: number;
  /** Of eval-aux: samples a position. */
  readonly samples: number;
  /** The rate it plays at on this machine with these weights. */
  gamesPerSecond: number;
  phase: "starting" | "producing" | "dead";
  startedAtMs: number;
  batches: number;
  stagedBatches: number;
  uploads: number;
  lastBatchAtMs: number | null;
  lastUploadTryAtMs: number;
  step: number;
}

/** Lines kept per box: some hours of a worker that prints about two per batch, so that the state file stays small. */
const LOG_LINES_KEPT = 320;
const DAY_MS = 86_400_000;

export function printLine(state: MarketState, box: Box, text: string): void {
  box.log.push({ atMs: state.nowMs, text: inOnePiece(text) });
  if (box.log.length > LOG_LINES_KEPT * 1.25) box.log = box.log.slice(-LOG_LINES_KEPT);
}

/** A text that is put together from parts stays parts in memory; a log's lines are joined again with each read. */
function inOnePiece(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

export function printDaemonLine(state: MarketState, box: Box, text: string): void {
  box.daemonLog.push({ atMs: state.nowMs, text });
  if (box.daemonLog.length > 250) box.daemonLog = box.daemonLog.slice(-200);
}

/** Whether the list shows the box at this moment. */
export function isListed(box: Box, nowMs: number): boolean {
  return box.endedAtMs === null && box.listedAtMs <= nowMs;
}

/** The fleet part of a label such as `zeb-large-worker-vast-3`; an unlabelled box counts under "". */
export function fleetOfLabel(label: string | null): string {
  return /^(.*)-worker-vast-[^-]+$/.exec(label ?? "")?.[1] ?? "";
}

/** Columns that the server stores and can filter and sort by; everything else in a row is computed (§4). */
export const STORED_COLUMNS: ReadonlySet<string> = new Set([
  "id",
  "label",
  "actual_status",
  "intended_status",
  "cur_state",
  "next_state",
  "gpu_name",
  "verification",
  "machine_id",
  "host_id",
  "image_uuid",
  "geolocation",
  "start_date",
  "template_id",
  "template_hash_id",
  "is_bid",
]);

/** The row as the list and the single read show it. */
export function instanceRow(state: MarketState, box: Box): Row {
  const { seed } = state.settings;
  const now = state.nowMs;
  const host = state.hosts.get(box.machineId);
  const hasPorts = box.portsAtMs !== null && box.portsAtMs <= now && box.actualStatus === "running";
  const isPlaying = box.worker?.phase === "producing" && box.isReachable;
  const port = 40_000 + drawInteger(0, 9999, seed, "port", box.id);
  const sshIndex = drawInteger(1, 9, seed, "ssh", box.id);
  const endDateMs = host?.listedUntilMs ?? box.rentedAtMs + 30 * DAY_MS;
  const dphTotal = box.gpuUsdPerHour + box.storageUsdPerHour;
  return {
    id: box.id,
    label: box.label,
    machine_id: box.machineId,
    host_id: box.hostId,
    bundle_id: 617,
    actual_status: box.actualStatus,
    intended_status: box.intendedStatus,
    cur_state: box.curState,
    next_state: box.intendedStatus,
    status_msg: box.statusMessage,
    image_uuid: box.image,
    image_runtype: box.runtype,
    image_args: box.args,
    onstart: box.onstart,
    extra_env: Object.entries(box.env),
    template_id: null,
    template_hash_id: null,
    template_name: null,
    jupyter_token: drawHex(64, seed, "jupyter", box.id),
    public_ipaddr: host?.publicIp ?? "203.0.113.254",
    local_ipaddrs: "10.2.202.31 172.17.0.1 \n",
    ssh_host: `ssh${sshIndex}.vast.ai`,
    ssh_idx: String(sshIndex),
    ssh_port: 10_000 + (box.id % 50_000),
    machine_dir_ssh_port: 5300 + (box.id % 100),
    ...(hasPorts ? { ports: openPorts(box, port) } : box.actualStatus === null ? {} : { ports: null }),
    direct_port_count: host?.directPorts ?? 0,
    direct_port_start: hasPorts ? port : -1,
    direct_port_end: hasPorts ? port + Object.keys(openPorts(box, port)).length - 1 : -1,
    static_ip: true,
    gpu_name: box.gpuName,
    num_gpus: box.gpuCount,
    gpu_ram: host?.gpuRamMb ?? null,
    gpu_totalram: host === undefined ? null : host.gpuRamMb * box.gpuCount,
    gpu_frac: host === undefined ? 1 : box.gpuCount / host.gpuCount,
    gpu_lanes: 16,
    gpu_mem_bw: 448.2,
    gpu_util: hasPorts
      ? isPlaying
        ? 87 + Math.floor(draw(seed, "util", box.id, Math.floor(now / 60_000)) * 12)
        : 0
      : null,
    gpu_temp: hasPorts ? 41 + Math.floor(draw(seed, "temp", box.id) * 30) : null,
    cpu_name: "AMD Ryzen 5 5600X",
    cpu_cores: 12,
    cpu_cores_effective: 12,
    cpu_ram: 32_000,
    cpu_util: hasPorts ? 0.4 : null,
    mem_limit: hasPorts ? 31.3 : null,
    mem_usage: hasPorts ? 6.2 : null,
    vmem_usage: hasPorts ? 9.8 : null,
    disk_name: "NVME",
    disk_bw: 2150,
    disk_space: box.diskGb,
    disk_usage: hasPorts ? 7.1 : -1,
    disk_util: hasPorts ? Number((7.1 / box.diskGb).toFixed(2)) : -1,
    inet_up: host?.inetUpMbps ?? null,
    inet_down: host?.inetDownMbps ?? null,
    inet_up_billed: hasPorts ? 12_000 * (box.worker?.uploads ?? 0) : null,
    inet_down_billed: hasPorts ? 9_100_000 : null,
    inet_up_cost: 0.0039,
    inet_down_cost: 0.0039,
    dph_base: box.gpuUsdPerHour,
    dph_total: Number(dphTotal.toFixed(6)),
    storage_cost: host?.storageUsdPerGbMonth ?? 0,
    storage_total_cost: box.storageUsdPerHour,
    is_bid: box.isBid,
    min_bid: Number((box.gpuUsdPerHour * 0.55).toFixed(4)),
    start_date: box.rentedAtMs / 1000,
    end_date: endDateMs / 1000,
    duration: (endDateMs - now) / 1000,
    uptime_mins: null,
    verification: host?.verified === false ? "unverified" : "verified",
    reliability2: host?.reliability ?? 0,
    rentable: true,
    rented: true,
    geolocation: host?.geolocation ?? null,
    cuda_max_good: host?.cudaMaxGood ?? null,
    driver_version: host?.driverVersion ?? null,
    dlperf: host === undefined ? null : Number((host.gamesPerSecond * 11.3).toFixed(2)),
    compute_cap: box.gpuName.startsWith("RTX 40") ? 890 : 860,
    credit_balance: null,
    volume_info: [],
    webpage: null,
    logo: "/static/logos/vastai_small2.png",
    hosting_type: 0,
    country_code: null,
  };
}

/** Port 22 and the ports asked for by `-p C:C[/udp]` keys; each outside port appears for IPv4 and for IPv6. */
function openPorts(box: Box, firstPort: number): Record<string, { HostIp: string; HostPort: string }[]> {
  const asked = Object.keys(box.env)
    .map((key) => /^-p \d+:(\d+)(?:\/(tcp|udp))?$/.exec(key))
    .flatMap((match) => (match === null ? [] : [`${match[1]}/${match[2] ?? "tcp"}`]));
  const names = box.runtype === "args" ? asked : ["22/tcp", ...asked];
  return Object.fromEntries(
    names.map((name, index) => {
      const HostPort = String(firstPort + index);
      return [
        name,
        [
          { HostIp: "0.0.0.0", HostPort },
          { HostIp: "::", HostPort },
        ],
      ];
    }),
  );
}
