/**
 * The list of instances: pages of 25 with a token, filters and order on stored columns, counts by label (Vast API
 * reference §4). It is what a keeper believes the world to be, so most faults of it are here.
 */
import { broken, failure, hang, json } from "./answers.ts";
import { findCallFault, takeCallFault, type Call, type VastRoute } from "./door.ts";
import { numberValue, textValue } from "./faults.ts";
import { instanceRow, isListed, STORED_COLUMNS, type Box } from "./instances.ts";
import { isObject, parseJson, textOf } from "./loose-json.ts";
import { compareForOrder, matchesFilters, type Filters, type Row } from "./query.ts";
import { endBox } from "./rent.ts";
import type { MarketState } from "./state.ts";

/** Default and most rows of a page; a larger limit is clamped without a word. */
const PAGE_ROWS = 25;

export const instanceListRoutes: readonly VastRoute[] = [
  { method: "GET", path: "/api/v1/instances", scope: "instance_read", handle: list },
  {
    method: "GET",
    path: "/api/v0/instances",
    scope: "instance_read",
    handle: () => deprecated("/api/v0/instances/", "/api/v1/instances/"),
  },
  { method: "GET", path: "/api/v0/instances/filters", scope: "instance_read", handle: filterValues },
  {
    method: "GET",
    path: "/api/v0/instances/count",
    scope: "instance_read",
    handle: (call) => json({ success: true, count: ownBoxes(call).length }),
  },
];

function deprecated(path: string, instead: string): Response {
  return failure(410, "deprecated_endpoint", `${path} is deprecated. Use ${instead} instead.`);
}

/** The account's boxes that the list shows now. */
function ownBoxes(call: Call): Box[] {
  const { state, account } = call;
  return [...state.boxes.values()].filter((box) => box.accountId === account.id && isListed(box, state.nowMs));
}

function list(call: Call): Response | Promise<Response> {
  const { url, state } = call;
  const pageNumber = readPageNumber(url.searchParams.get("after_token"));
  const subject = { page: pageNumber };
  const hung = takeCallFault(call, "list-hangs", subject);
  if (hung !== null) return hang(call.request, numberValue(hung, 120_000));
  const failing = takeCallFault(call, "list-fails", subject);
  if (failing !== null) return broken(failing.value, failing.hits);
  if (takeCallFault(call, "list-410", subject) !== null) return deprecated("/api/v1/instances/", "/api/v2/instances/");
  if (takeCallFault(call, "list-empty", subject) !== null) return page([], [], 0, null);
  const garbage = takeCallFault(call, "list-garbage", subject);
  if (garbage !== null)
    return new Response(textValue(garbage, '{"success":true,"instances":[{"id":3'), {
      headers: { "Content-Type": "application/json" },
    });
  const pageFault = state.faults.find((fault) => fault.name === "list-page-fails");
  if (pageFault !== undefined && numberValue(pageFault, 2) === pageNumber) {
    const hit = takeCallFault(call, "list-page-fails", subject);
    if (hit !== null) return broken(502, hit.hits);
  }

  if (pageNumber > 1) moveList(call, subject);
  const query = readListQuery(url.searchParams);
  if (query instanceof Response) return query;
  const other = takeCallFault(call, "list-other-account", subject);
  const boxes = other === null ? ownBoxes(call) : [];
  const found = boxes
    .map((box) => ({ box, row: storedRow(state, box) }))
    .filter(({ row }) => matchesFilters(row, query.filters));
  found.sort((left, right) => compareRows(left.row, right.row, query.order));
  const after = query.after;
  const from = after === null ? 0 : found.findIndex(({ row }) => compareRows(row, after.values, query.order) > 0);
  const rest = from < 0 ? [] : found.slice(from);
  let shown = rest.slice(0, query.limit);
  const last = shown.at(-1);
  const next =
    rest.length > shown.length && last !== undefined ? makeToken(last.row, query.order, pageNumber + 1) : null;
  const partial = takeCallFault(call, "list-partial", subject);
  if (partial !== null) shown = shown.slice(0, Math.max(0, shown.length - numberValue(partial, shown.length)));
  const rows = shown.map(({ box }) => selectColumns(withStrayBlanks(instanceRow(state, box)), query.columns));
  return page(
    rows,
    found.map(({ row }) => row),
    found.length,
    next,
  );
}

/** Between two pages the world goes on: one box of those named is gone. */
function moveList(call: Call, subject: { readonly page: number }): void {
  const fault = findCallFault(call, "list-moves", subject);
  if (fault === null) return;
  const begins = textValue(fault, "");
  const box = ownBoxes(call).find(({ label }) => (label ?? "").startsWith(begins));
  if (box === undefined) return;
  takeCallFault(call, "list-moves", subject);
  endBox(call.state, box, "vanish");
}

function page(rows: readonly Row[], all: readonly Row[], total: number, next: string | null): Response {
  const labelCounts: Record<string, number> = {};
  for (const row of all) {
    const label = typeof row["label"] === "string" ? row["label"] : "";
    labelCounts[label] = (labelCounts[label] ?? 0) + 1;
  }
  return json({
    success: true,
    instances_found: rows.length,
    total_instances: total,
    label_counts: labelCounts,
    next_token: next,
    instances: rows,
  });
}

interface ListQuery {
  readonly limit: number;
  readonly after: Token | null;
  readonly order: readonly (readonly [string, "asc" | "desc"])[];
  readonly filters: Filters;
  readonly columns: readonly string[];
}

interface Token {
  readonly values: Row;
  readonly page: number;
}

function readListQuery(parameters: URLSearchParams): ListQuery | Response {
  const filters = parseJson(parameters.get("select_filters") ?? "{}");
  const order = parseJson(parameters.get("order_by") ?? "[]");
  const columns = parseJson(parameters.get("select_cols") ?? '["*"]');
  if (!isObject(filters) || !Array.isArray(order) || !Array.isArray(columns)) return invalidQuery("not valid JSON");
  const pairs = order
    .filter(isObject)
    .map((one): [string, "asc" | "desc"] => [textOf(one["col"], ""), one["dir"] === "desc" ? "desc" : "asc"]);
  const unknown = [...Object.keys(filters), ...pairs.map(([column]) => column)].find(
    (column) => !STORED_COLUMNS.has(column),
  );
  if (unknown !== undefined) return invalidQuery(`${unknown} is not a valid search key`);
  const bare = Object.entries(filters).find(([, value]) => !isObject(value));
  if (bare !== undefined) return invalidQuery(`${bare[0]} must be an object of operators`);
  const text = parameters.get("after_token");
  const after = text === null || text === "" ? null : readToken(text);
  if (text !== null && text !== "" && after === null) return failure(400, "invalid_token", "Invalid after_token");
  const asked = Number(parameters.get("limit") ?? PAGE_ROWS);
  const limit = !Number.isFinite(asked) ? PAGE_ROWS : asked <= 0 ? 5 : Math.min(Math.floor(asked), PAGE_ROWS);
  const hasId = pairs.some(([column]) => column === "id");
  return {
    limit,
    after,
    order: hasId ? pairs : [...pairs, ["id", "asc"]],
    filters: readFilters(filters),
    columns: columns.map((one) => textOf(one, "")),
  };
}

function readFilters(filters: Row): Filters {
  return Object.fromEntries(
    Object.entries(filters).flatMap(([column, value]) => (isObject(value) ? [[column, value]] : [])),
  );
}

function invalidQuery(reason: string): Response {
  return failure(400, "invalid_request", `Error in query parameters: ${reason}`);
}

function makeToken(row: Row, order: ListQuery["order"], pageNumber: number): string {
  const values = Object.fromEntries(order.map(([column]) => [column, row[column] ?? null]));
  return btoa(encodeURIComponent(JSON.stringify({ values, page: pageNumber })));
}

function readToken(text: string): Token | null {
  try {
    const parsed = parseJson(decodeURIComponent(atob(text)));
    if (!isObject(parsed) || !isObject(parsed["values"])) return null;
    return { values: parsed["values"], page: Number(parsed["page"] ?? 2) };
  } catch {
    // Not base64: an invalid token.
    return null;
  }
}

function readPageNumber(token: string | null): number {
  return token === null || token === "" ? 1 : (readToken(token)?.page ?? 2);
}

function compareRows(left: Row, right: Row, order: ListQuery["order"]): number {
  for (const [column, direction] of order) {
    const difference = compareForOrder(left[column], right[column]);
    if (difference !== 0) return direction === "desc" ? -difference : difference;
  }
  return 0;
}

/** The stored columns only: what filters and order look at, made for every box of the account. */
function storedRow(state: MarketState, box: Box): Row {
  const host = state.hosts.get(box.machineId);
  return {
    id: box.id,
    label: box.label,
    actual_status: box.actualStatus,
    intended_status: box.intendedStatus,
    cur_state: box.curState,
    next_state: box.intendedStatus,
    gpu_name: box.gpuName,
    verification: host?.verified === false ? "unverified" : "verified",
    machine_id: box.machineId,
    host_id: box.hostId,
    image_uuid: box.image,
    geolocation: host?.geolocation ?? null,
    start_date: box.rentedAtMs / 1000,
    template_id: null,
    template_hash_id: null,
    is_bid: box.isBid,
  };
}

/** On a few machines the address carries the stray whitespace seen in the wild (§4); the list shows it as it is. */
function withStrayBlanks(row: Row): Row {
  return Number(row["machine_id"]) % 8 === 0
    ? { ...row, public_ipaddr: `${textOf(row["public_ipaddr"], "")} \n` }
    : row;
}

function selectColumns(row: Row, columns: readonly string[]): Row {
  if (columns.includes("*") || columns.length === 0) return row;
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

/** The combinations of values that occur, as the client's filter panel wants them. */
function filterValues(call: Call): Response {
  const combinations = ownBoxes(call).map((box) => {
    const { actual_status, verification, gpu_name } = storedRow(call.state, box);
    return JSON.stringify({ actual_status, verification, gpu_name });
  });
  const filters = [...new Set(combinations)].map((one): unknown => JSON.parse(one));
  return json({ success: true, filters });
}
