// From Vast's rows to our words and units: seconds to milliseconds, megabytes to gigabytes, ports to one SSH address,
// the environment to two marks. After this file nothing knows a field name of Vast's.

import type { Instance } from "../fleet/instance.ts";
import type { Offer } from "../fleet/offer.ts";
import { normaliseGpu } from "../fleet/spec.ts";
import { INTENT_ENV, KEEPER_ENV } from "../fleet/workload.ts";
import { cleanMessage } from "./errors.ts";
import type { InstanceRow, OfferRow } from "./schema.ts";

/** Long enough for the end of an OCI start error, which is what tells its cause (Vast API reference §4). */
const STATUS_MESSAGE_LENGTH_MAX = 500;
/** Vast's own limit of one environment value (§3). */
const MARK_LENGTH_MAX = 256;
const MB_PER_GB = 1000;

export function toInstance(row: InstanceRow): Instance {
  const marks = readMarks(row.extra_env);
  return {
    instanceId: row.id,
    label: emptyToNull(row.label),
    machineId: positiveInteger(row.machine_id),
    operatorId: positiveInteger(row.host_id),
    gpu: row.gpu_name === null ? null : emptyToNull(normaliseGpu(row.gpu_name)),
    actualStatus: emptyToNull(row.actual_status),
    intendedStatus: emptyToNull(row.intended_status),
    currentState: emptyToNull(row.cur_state),
    statusMessage:
      row.status_msg === null ? null : emptyToNull(cleanMessage(row.status_msg, STATUS_MESSAGE_LENGTH_MAX)),
    usdPerHour: nonNegative(row.dph_total),
    storageUsdPerHour: nonNegative(row.storage_total_cost),
    startedAtMs: epochMs(row.start_date),
    endsAtMs: epochMs(row.end_date),
    isBid: row.is_bid,
    envReadable: marks !== null,
    keeperId: marks?.keeperId ?? null,
    intentId: marks?.intentId ?? null,
    ssh: sshAddress(row),
  };
}

/**
 * The offer of one search row, or `null` where it is not one: storage only, no GPU name, no price (§2). A row that does
 * not say whether it is rentable or rented is believed, because the search asked for rentable ones.
 */
export function toOffer(row: OfferRow): Offer | null {
  const offerId = positiveInteger(row.id ?? row.ask_contract_id);
  const gpu = row.gpu_name === null ? "" : normaliseGpu(row.gpu_name);
  const gpuCount = positiveInteger(row.num_gpus);
  const usdPerHour = nonNegative(row.dph_total);
  const isGpu = row.resource_type === null || row.resource_type === "gpu";
  if (offerId === null || gpu === "" || gpuCount === null || usdPerHour === null || !isGpu) return null;
  return {
    offerId,
    machineId: positiveInteger(row.machine_id),
    operatorId: positiveInteger(row.host_id),
    gpu,
    gpuCount,
    usdPerHour,
    gpuRamGb: row.gpu_ram === null ? null : row.gpu_ram / MB_PER_GB,
    diskGb: nonNegative(row.disk_space),
    reliability: row.reliability2 ?? row.reliability,
    cudaMax: row.cuda_max_good,
    driverVersion: emptyToNull(row.driver_version),
    durationSeconds: nonNegative(row.duration),
    downloadUsdPerGb: nonNegative(row.inet_down_cost),
    isRentable: row.rentable ?? true,
    isRented: row.rented ?? false,
    geolocation: emptyToNull(row.geolocation),
  };
}

interface Marks {
  readonly keeperId: string | null;
  readonly intentId: string | null;
}

/** The two marks of an environment, or `null` where it is not a clean list of pairs: then a missing mark proves nothing. */
function readMarks(extraEnv: unknown): Marks | null {
  if (!Array.isArray(extraEnv)) return null;
  const marks = new Map<string, string>();
  for (const pair of extraEnv as readonly unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return null;
    const [name, value] = pair as readonly unknown[];
    if (typeof name !== "string") return null;
    if (name !== KEEPER_ENV && name !== INTENT_ENV) continue;
    if (typeof value !== "string" || value.length > MARK_LENGTH_MAX) return null;
    if (marks.has(name) && marks.get(name) !== value) return null;
    marks.set(name, value);
  }
  return { keeperId: emptyToNull(marks.get(KEEPER_ENV)), intentId: emptyToNull(marks.get(INTENT_ENV)) };
}

/** Where SSH answers: the direct port where one is mapped, else the proxy, one port higher for jupyter (§9). */
function sshAddress(row: InstanceRow): Instance["ssh"] {
  const direct = address(row.public_ipaddr, directSshPort(row.ports));
  if (direct !== null) return direct;
  const isJupyter = row.image_runtype?.includes("jupyter") ?? false;
  return address(row.ssh_host, row.ssh_port === null ? null : row.ssh_port + (isJupyter ? 1 : 0));
}

function directSshPort(ports: unknown): number | null {
  if (typeof ports !== "object" || ports === null) return null;
  const mappings: unknown = (ports as Record<string, unknown>)["22/tcp"];
  const first: unknown = Array.isArray(mappings) ? mappings[0] : null;
  if (typeof first !== "object" || first === null) return null;
  const hostPort: unknown = (first as Record<string, unknown>)["HostPort"];
  return typeof hostPort === "string" || typeof hostPort === "number" ? Number(hostPort) : null;
}

/** A host and port that can stand in a command line: a host's own text must not reach a shell as anything else. */
function address(host: string | null, port: number | null): Instance["ssh"] {
  const trimmed = host?.trim() ?? "";
  const isHost = /^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/.test(trimmed);
  const isPort = port !== null && Number.isInteger(port) && port >= 1 && port <= 65_535;
  return isHost && isPort ? { host: trimmed, port } : null;
}

/** Epoch seconds with fractions to whole milliseconds; 0 and below mean that it was not said. */
function epochMs(seconds: number | null): number | null {
  return seconds === null || seconds <= 0 ? null : Math.round(seconds * 1000);
}

function positiveInteger(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function nonNegative(value: number | null): number | null {
  return value !== null && value >= 0 ? value : null;
}

function emptyToNull(value: string | null | undefined): string | null {
  return value === undefined || value === "" ? null : value;
}
