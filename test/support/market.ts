// The simulated market as a test sees it: how it is steered, and the truth that a keeper's beliefs are compared with.

import { env } from "cloudflare:workers";
import { must } from "./builders.ts";

export interface Box {
  readonly id: number;
  readonly label: string;
  readonly machineId: number;
  readonly offerId: number;
  readonly rentedAtMs: number;
  readonly endedAtMs: number | null;
  readonly endedBy: string | null;
  readonly wasDestroyAsked: boolean;
  readonly status: string | null;
  readonly producing: boolean;
  readonly batches: number;
  readonly intentId: string | null;
  readonly keeperId: string | null;
  readonly image: string;
  readonly weightsName: string | null;
  /** The interval that its worker was started with; `null`: no worker. */
  readonly uploadIntervalSeconds: number | null;
}

export interface MarketTruth {
  readonly boxes: readonly Box[];
  readonly mostPaidAtOnce: number;
  readonly mostPaidAtOnceByFleet: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, { readonly total: number; readonly byStatus: Record<string, number> }>>;
  readonly inFlightMax: { readonly all: number; readonly logs: number; readonly rents: number };
  readonly leaks: { readonly authorizationToLogs: number };
}

export const RENT = "PUT /api/v0/asks/{id}/";
export const DESTROY = "DELETE /api/v0/instances/{id}/";
const DESTROY_MANY = "DELETE /api/v0/instances/";
export const LIST = "GET /api/v1/instances/";
export const REQUEST_LOGS = "PUT /api/v0/instances/request_logs/{id}/";

export async function steer(path: string, body: unknown): Promise<unknown> {
  return callMarket("POST", path, body);
}

/** Switches a fault on; answers its id. */
export async function fault(name: string, rest: Record<string, unknown> = {}): Promise<number> {
  const { id } = (await steer("/sim/faults", { name, ...rest })) as { readonly id: number };
  return id;
}

export async function clearFaults(): Promise<void> {
  await callMarket("DELETE", "/sim/faults");
}

export async function truth(): Promise<MarketTruth> {
  return (await callMarket("GET", "/sim/state")) as MarketTruth;
}

/** Boxes that the market bills for this fleet now, by slot. */
export async function paidBoxes(fleet: string): Promise<readonly Box[]> {
  const { boxes } = await truth();
  return boxes
    .filter(({ label, endedAtMs }) => isOfFleet(label, fleet) && endedAtMs === null)
    .toSorted((a, b) => slotOf(a) - slotOf(b) || a.id - b.id);
}

/** Every box that the fleet ever had, first rented first. */
export async function boxesEver(fleet: string): Promise<readonly Box[]> {
  return (await truth()).boxes.filter(({ label }) => isOfFleet(label, fleet));
}

/** The one box that the market bills in this slot. */
export async function boxOfSlot(fleet: string, slot: number): Promise<Box> {
  const boxes = (await paidBoxes(fleet)).filter((box) => slotOf(box) === slot);
  if (boxes.length !== 1) throw new Error(`${boxes.length} boxes are paid for in slot ${slot} of ${fleet}`);
  return must(boxes[0]);
}

export function slotOf({ label }: Pick<Box, "label">): number {
  return Number(/-worker-vast-(\d+)$/.exec(label)?.[1]);
}

function isOfFleet(label: string, fleet: string): boolean {
  return label.startsWith(`${fleet}-worker-vast-`);
}

/** Calls of these routes that reached the market, refused ones counted. */
export async function countCalls(...routes: readonly string[]): Promise<number> {
  const { calls } = await truth();
  return routes.reduce((sum, route) => sum + (calls[route]?.total ?? 0), 0);
}

/** Writes to the market: rents and destroys in any form. */
export async function countWrites(): Promise<{ readonly rents: number; readonly destroys: number }> {
  return { rents: await countCalls(RENT), destroys: await countCalls(DESTROY, DESTROY_MANY) };
}

/** Paths of the files below a folder of a repo on the market's Hub. */
export async function filesOnHub(repo: string, folder: string): Promise<readonly string[]> {
  const files = await callMarket("GET", `/api/models/${repo}/tree/main/${folder}`, undefined, {
    Authorization: "Bearer hf_reader0123456789",
  });
  return (files as readonly { readonly path: string }[]).map(({ path }) => path);
}

/** Rents a box behind the keeper's back, as another tool of the same account would: this offer, or the dearest. */
export async function rentDirectly(
  label: string,
  marks: Record<string, string>,
  offerId: number | null = null,
): Promise<number> {
  const search = { gpu_name: { in: ["RTX 3060", "RTX 3070", "RTX 3080"] }, rentable: { eq: true }, limit: 64 };
  const found = (await callMarket("POST", "/api/v0/bundles/", search, OWNER)) as { offers: { id: number }[] };
  const made = (await callMarket(
    "PUT",
    `/api/v0/asks/${offerId ?? must(found.offers.at(-1), "an offer").id}/`,
    { client_id: "me", image: "pytorch/pytorch", disk: 15, label, env: marks, onstart: "", runtype: "ssh" },
    OWNER,
  )) as { new_contract: number };
  return made.new_contract;
}

/** Takes the one SSH key off the account. */
export async function removeSshKey(): Promise<void> {
  await callMarket("DELETE", "/api/v0/ssh/501/", {}, OWNER);
}

/** Starts a stopped box again, as its owner would in the market's console. */
export async function startDirectly(id: number): Promise<void> {
  await callMarket("PUT", `/api/v0/instances/${id}/`, { state: "running" }, OWNER);
}

/** Destroys a box, as its owner would in the market's console. */
export async function endDirectly(id: number): Promise<void> {
  await callMarket("DELETE", `/api/v0/instances/${id}/`, {}, OWNER);
}

const OWNER = { Authorization: "Bearer the-owners-own-key" };

async function callMarket(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const answer = await env.SIM.fetch(`http://sim${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the market refused ${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** What the market itself knows of each box and nobody else may see, as its list gives it to the owner of the key. */
export async function secretsOfBoxes(): Promise<readonly string[]> {
  const list = (await callMarket("GET", "/api/v1/instances/", undefined, {
    Authorization: `Bearer ${env.VAST_API_KEY}`,
  })) as {
    readonly instances: readonly { readonly jupyter_token: string }[];
  };
  return list.instances.map(({ jupyter_token }) => jupyter_token);
}
