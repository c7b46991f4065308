/**
 * Searching and renting: bundles, search/asks, asks, asks/bulk, launch_instance, gpu_names (Vast API reference §2, §3).
 */
import { broken, failure, gatewayPage, hang, json } from "./answers.ts";
import { creditAt } from "./billing.ts";
import { findCallFault, takeCallFault, type Call, type VastRoute } from "./door.ts";
import { numberValue, textValue, type FaultSubject } from "./faults.ts";
import type { Host } from "./hosts.ts";
import { objectOf, parseJson, textOf } from "./loose-json.ts";
import { findOffer, searchOffers, type SearchResult } from "./offers.ts";
import type { Row } from "./query.ts";
import { rentBox, type RentOrder } from "./rent.ts";

const MIN_DISK_GB = 8;
const DEFAULT_DISK_GB = 10;
const MAX_LABEL = 256;
const MAX_ENV_ENTRY = 256;
const MAX_SCRIPT = 4096;

export const offerRoutes: readonly VastRoute[] = [
  { method: "POST", path: "/api/v0/bundles", scope: "misc", handle: (call) => search(call, call.body) },
  { method: "GET", path: "/api/v0/bundles", scope: "misc", handle: (call) => search(call, queryParameter(call)) },
  {
    method: "PUT",
    path: "/api/v0/search/asks",
    scope: "misc",
    handle: (call) => search(call, objectOf(call.body["q"])),
  },
  {
    method: "PUT",
    path: "/api/v0/asks/:id",
    scope: "instance_write",
    handle: (call) => create(call, Number(call.params["id"])),
  },
  { method: "POST", path: "/api/v0/asks/bulk", scope: "instance_write", handle: createMany },
  { method: "PUT", path: "/api/v0/launch_instance", scope: "instance_write", handle: launch },
  { method: "GET", path: "/api/v0/gpu_names/unique", scope: "none", handle: gpuNames },
];

function queryParameter(call: Call): Row {
  return objectOf(parseJson(call.url.searchParams.get("q") ?? "{}"));
}

function search(call: Call, query: Row): Response | Promise<Response> {
  const hung = takeCallFault(call, "search-hangs");
  if (hung !== null) return hang(call.request, numberValue(hung, 120_000));
  const failing = takeCallFault(call, "search-fails");
  if (failing !== null) return broken(failing.value, failing.hits);
  if (takeCallFault(call, "search-empty") !== null) return json({ offers: [] });
  const result = find(call, query);
  return result.kind === "refused" ? failure(400, "bad_request", result.message) : json({ offers: result.rows });
}

function find(call: Call, query: Row): SearchResult {
  const unfiltered = takeCallFault(call, "search-unfiltered");
  const ignoreNumbers = unfiltered !== null;
  const ignoreMachines = unfiltered !== null && textValue(unfiltered, "") === "machines";
  const showRented = takeCallFault(call, "search-stale") !== null;
  return searchOffers(call.state, query, { ignoreNumbers, ignoreMachines, showRented });
}

function create(call: Call, offerId: number): Response | Promise<Response> {
  const { state } = call;
  const subject: FaultSubject = {
    offer: offerId,
    machine: findOffer(state, offerId)?.host.machineId ?? null,
    ...labelOf(call.body),
  };
  const hung = takeCallFault(call, "create-hangs", subject);
  if (hung !== null) return hang(call.request, numberValue(hung, 120_000));
  const failing = takeCallFault(call, "create-error", subject);
  if (failing !== null) return broken(failing.value ?? 500, failing.hits);
  if (takeCallFault(call, "create-no-credit", subject) !== null) return noCredit(offerId);
  if (takeCallFault(call, "create-spend-limit", subject) !== null) {
    return failure(
      400,
      "spend_rate_limit",
      "Your account is spending too fast for its age; try again later or use cheaper offers.",
      { ask_id: offerId },
    );
  }
  const refused = takeCallFault(call, "create-success-false-200", subject);
  if (refused !== null)
    return json({ success: false, error: "internal", msg: textValue(refused, "Could not create instance.") });
  const taken = takeCallFault(call, "create-taken", subject);
  if (taken !== null) return offerGone(offerId, numberValue(taken, [404, 410, 400][taken.hits % 3] ?? 404));

  const isLost =
    findCallFault(call, "create-timeout-but-rented", subject) !== null ||
    findCallFault(call, "create-error-but-rented", subject) !== null ||
    findCallFault(call, "create-error-with-contract", subject) !== null;
  const answer = rentOffer(call, offerId);
  if (!isLost || answer.status !== 200) return answer;
  call.market.onChange(true);
  const silent = takeCallFault(call, "create-timeout-but-rented", subject);
  if (silent !== null) return hang(call.request, numberValue(silent, 120_000));
  const named = takeCallFault(call, "create-error-with-contract", subject);
  if (named !== null) return withContract(answer, numberValue(named, 400));
  const lost = takeCallFault(call, "create-error-but-rented", subject);
  return gatewayPage(lost === null ? 502 : numberValue(lost, 502));
}

/** An error that gives the box's id away: it exists and bills. */
async function withContract(answer: Response, status: number): Promise<Response> {
  const { new_contract } = objectOf(await answer.json());
  return json({ success: false, error: "internal_error", msg: "Could not start instance.", new_contract }, status);
}

function labelOf(body: Row): FaultSubject {
  const label = typeof body["label"] === "string" ? body["label"] : null;
  return { label, slot: /-worker-vast-([^-]+)$/.exec(label ?? "")?.[1] ?? null };
}

function rentOffer(call: Call, offerId: number): Response {
  const { state, body, account } = call;
  if (!Number.isInteger(offerId)) {
    return failure(400, "invalid_args", "error 400/3467: Invalid args: 'id' is required and must be a valid offer ID");
  }
  const wrong = invalidBody(body);
  if (wrong !== null) return wrong;
  const offer = findOffer(state, offerId);
  if (offer === null) return offerGone(offerId, goneStatus(state.counters.offer, offerId));
  if (creditAt(account, state.nowMs) <= 0) return noCredit(offerId);
  const box = rentBox(state, makeOrder(call, offerId, offer.host, offer.gpuCount));
  return json({ success: true, new_contract: box.id, instance_api_key: box.apiKey });
}

/** An id that was never offered is 404; one that was is 410, or now and then 400, as all three have been seen. */
function goneStatus(lastOfferId: number, offerId: number): number {
  if (offerId > lastOfferId || offerId < 20_000_000) return 404;
  return ([410, 404, 410, 400] as const)[offerId % 4] ?? 410;
}

function offerGone(offerId: number, status: number): Response {
  const extra = { ask_id: offerId };
  if (status === 404) {
    return failure(
      404,
      "invalid_args",
      `error 404/3603: no_such_ask Instance type by id ${offerId} is not available.`,
      extra,
    );
  }
  if (status === 400) return failure(400, "no_such_ask", `Instance type by id ${offerId} is not available.`, extra);
  return failure(
    410,
    "no_such_ask",
    `error 410/3907: no_such_ask Instance type ${offerId} is no longer available.`,
    extra,
  );
}

function noCredit(offerId: number): Response {
  return failure(400, "insufficient_credit", "Your account lacks credit; see the billing page.", { ask_id: offerId });
}

function invalidBody(body: Row): Response | null {
  const image = body["image"];
  const label = body["label"];
  const price = body["price"];
  const scripts = [body["onstart"], body["args_str"], ...(Array.isArray(body["args"]) ? body["args"] : [])];
  const length = scripts.reduce<number>((sum, part) => sum + (typeof part === "string" ? part.length : 0), 0);
  const env = Object.entries(envOf(body["env"]));
  if ((typeof image !== "string" || image === "") && typeof body["template_hash_id"] !== "string") {
    return failure(400, "invalid_args", "error 400/3470: Invalid args: 'image' is required");
  }
  if (typeof label === "string" && label.length > MAX_LABEL)
    return failure(400, "invalid_args", `label too long: max ${MAX_LABEL} characters`);
  if (length > MAX_SCRIPT)
    return failure(400, "invalid_args", `onstart and args too long: max ${MAX_SCRIPT} characters together`);
  if (env.some(([name, value]) => name.length + value.length > MAX_ENV_ENTRY * 2 || value.length > MAX_ENV_ENTRY)) {
    return failure(400, "invalid_args", `env entry too long: max ${MAX_ENV_ENTRY} characters`);
  }
  if (Number(body["disk"] ?? DEFAULT_DISK_GB) < MIN_DISK_GB)
    return failure(400, "invalid_args", `disk must be at least ${MIN_DISK_GB} GB`);
  if (price !== null && price !== undefined && !(Number(price) >= 0.001 && Number(price) <= 128)) {
    return failure(400, "invalid_price", "Please set a bid price >= 0.001.");
  }
  return null;
}

/** Only an object of strings is applied; a string of docker flags is silently not (Vast API reference §3). */
function envOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([name, one]) => [name, textOf(one, "")]));
}

function makeOrder(call: Call, offerId: number, host: Host, gpuCount: number): RentOrder {
  const { body } = call;
  const args = Array.isArray(body["args"]) ? body["args"].map((one) => textOf(one, "")) : [];
  const price = body["price"];
  return {
    accountId: call.account.id,
    offerId,
    host,
    gpuCount,
    image: typeof body["image"] === "string" ? body["image"] : "vastai/base-image:latest",
    diskGb: Number(body["disk"] ?? DEFAULT_DISK_GB),
    label: typeof body["label"] === "string" && body["label"] !== "" ? body["label"] : null,
    env: envOf(body["env"]),
    onstart: typeof body["onstart"] === "string" ? body["onstart"] : null,
    args,
    runtype: typeof body["runtype"] === "string" ? body["runtype"] : args.length > 0 ? "args" : "ssh",
    bid: price === null || price === undefined ? null : Number(price),
    isStopped: body["target_state"] === "stopped",
  };
}

async function createMany(call: Call): Promise<Response> {
  const ids = Array.isArray(call.body["ids"]) ? call.body["ids"].map(Number) : [];
  const results: Row[] = [];
  for (const id of ids) {
    const answer = rentOffer(call, id);
    results.push({ ask_id: id, ...objectOf(await answer.json()) });
  }
  const contracts = results.flatMap((result) =>
    typeof result["new_contract"] === "number" ? [result["new_contract"]] : [],
  );
  return json({ success: contracts.length > 0, new_contracts: contracts, results });
}

/** Searches and rents the first offer found; the answer does not say which. */
function launch(call: Call): Response {
  const query = objectOf(call.body["q"]);
  const result = find(call, query);
  if (result.kind === "refused") return failure(400, "bad_request", result.message);
  const first = result.rows[0];
  if (first === undefined) return failure(404, "no_such_ask", "No offers match the query.");
  return rentOffer(call, Number(first["id"]));
}

function gpuNames(call: Call): Response {
  return json({ gpu_names: [...new Set([...call.state.hosts.values()].map((host) => host.gpuName))].sort() });
}
