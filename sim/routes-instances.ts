/**
 * One instance and what can be done to it: read, start, stop, label, destroy, reboot, recycle, bid (Vast API reference
 * §4, §5). The list is in routes-instance-list.ts.
 */
import { broken, failure, gatewayPage, hang, json } from "./answers.ts";
import { changeBilling } from "./billing.ts";
import { endLife } from "./box-acts.ts";
import { beginPull, beginStart, haltBox } from "./box-life.ts";
import { takeCallFault, type Call, type VastRoute } from "./door.ts";
import { numberValue } from "./faults.ts";
import { instanceRow, type Box } from "./instances.ts";
import { isObject, textOf } from "./loose-json.ts";
import { endBox, noteMostPaid } from "./rent.ts";
import type { MarketState } from "./state.ts";

const MAX_RELABEL = 1024;

export const instanceRoutes: readonly VastRoute[] = [
  { method: "GET", path: "/api/v0/instances/:id", scope: "instance_read", handle: readOne },
  { method: "PUT", path: "/api/v0/instances/:id", scope: "instance_write", handle: changeOne },
  { method: "DELETE", path: "/api/v0/instances/:id", scope: "instance_write", handle: destroyOne },
  { method: "PUT", path: "/api/v0/instances", scope: "instance_write", handle: changeMany },
  { method: "POST", path: "/api/v0/instances/start", scope: "instance_write", handle: startMany },
  { method: "DELETE", path: "/api/v0/instances", scope: "instance_write", handle: destroyMany },
  { method: "PUT", path: "/api/v0/instances/reboot/:id", scope: "instance_write", handle: reboot },
  { method: "PUT", path: "/api/v0/instances/recycle/:id", scope: "instance_write", handle: recycle },
  { method: "PUT", path: "/api/v0/instances/update_template/:id", scope: "instance_write", handle: updateTemplate },
  { method: "PUT", path: "/api/v0/instances/bid_price/:id", scope: "instance_write", handle: changeBid },
  { method: "PUT", path: "/api/v0/instances/prepay/:id", scope: "instance_write", handle: prepay },
];

/** The account's box of the path's id; a box that has ended is not found. */
function ownBox(call: Call): Box | null {
  const box = call.state.boxes.get(Number(call.params["id"]));
  return box !== undefined && box.accountId === call.account.id && box.endedAtMs === null ? box : null;
}

function readOne(call: Call): Response {
  const box = ownBox(call);
  return json({ instances: box === null ? null : instanceRow(call.state, box) });
}

function changeOne(call: Call): Response {
  const box = ownBox(call);
  const id = call.params["id"] ?? "";
  if (box === null) return failure(404, "no_such_instance", `Instance ${id} not found.`);
  const { label, state: wanted } = call.body;
  if (typeof label === "string") {
    if (label.length > MAX_RELABEL)
      return failure(400, "label_too_long", `Label must be at most ${MAX_RELABEL} characters.`);
    box.label = label === "" ? null : label;
    return json({ success: true, msg: `Label updated for instance ${id}.` });
  }
  if (wanted === "stopped") return stop(call, box);
  if (wanted === "running") return start(call, box);
  return failure(400, "invalid_args", "state must be running or stopped");
}

function stop(call: Call, box: Box): Response {
  box.intendedStatus = "stopped";
  haltBox(call.state, box, "exited");
  return json({ success: true, msg: `Stopping instance ${box.id}.` });
}

function start(call: Call, box: Box): Response {
  if (takeCallFault(call, "start-refused") !== null) {
    return json({
      success: false,
      error: "resources_unavailable",
      msg: "Required resources are currently unavailable, state change queued.",
    });
  }
  if (call.account.isStoppedForCredit)
    return failure(400, "insufficient_credit", "Your account lacks credit; see the billing page.");
  box.intendedStatus = "running";
  if (box.curState === "stopped") {
    box.curState = "running";
    endLife(box);
    if (box.hasContainer) beginStart(call.state, box);
    else beginPull(call.state, box);
  }
  return json({ success: true, msg: `Starting instance ${box.id}.` });
}

function changeMany(call: Call): Response {
  const ids = idsOf(call.body["ids"]);
  const wanted = call.body["state"];
  if (ids.length === 0 || (wanted !== "running" && wanted !== "stopped"))
    return failure(400, "invalid_args", "ids and state are required");
  return changeEach(call, ids, wanted);
}

function startMany(call: Call): Response {
  return changeEach(call, idsOf(call.body["IDs"]), "running");
}

function changeEach(call: Call, ids: readonly number[], wanted: "running" | "stopped"): Response {
  const boxes = ids.flatMap((id) => ownBox({ ...call, params: { id: String(id) } }) ?? []);
  for (const box of boxes) {
    if (wanted === "stopped") stop(call, box);
    else start(call, box);
  }
  return json({ success: boxes.length === ids.length, msg: `${boxes.length} of ${ids.length} instances ${wanted}.` });
}

function idsOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number).filter((id) => Number.isInteger(id)) : [];
}

/** Asked, whatever comes of it. */
function noteAsked(call: Call, ids: readonly number[]): void {
  for (const id of ids) {
    const box = ownBox({ ...call, params: { id: String(id) } });
    if (box !== null) box.wasDestroyAsked = true;
  }
}

function destroyOne(call: Call): Response | Promise<Response> {
  const id = Number(call.params["id"]);
  if (!Number.isInteger(id)) return failure(400, "invalid_args", "invalid instance_id");
  noteAsked(call, [id]);
  const hung = takeCallFault(call, "destroy-hangs");
  if (hung !== null) return hang(call.request, numberValue(hung, 120_000));
  const failing = takeCallFault(call, "destroy-500");
  if (failing !== null) return broken(failing.value ?? 500, failing.hits);
  const box = ownBox(call);
  if (box === null) return failure(404, "not_found", "Instance not found");
  if (takeCallFault(call, "destroy-stays") !== null) return json({ success: true, msg: "" });
  endBox(call.state, box, "destroy");
  if (takeCallFault(call, "destroy-504") === null) return json({ success: true, msg: "" });
  call.market.onChange(true);
  return gatewayPage(504);
}

function destroyMany(call: Call): Response | Promise<Response> {
  const ids = idsOf(call.body["instance_ids"]);
  noteAsked(call, ids);
  const failing = takeCallFault(call, "destroy-500");
  if (failing !== null) return broken(failing.value ?? 500, failing.hits);
  if (ids.length === 0) return failure(400, "invalid_args", "invalid instance_ids");
  const results = ids.map((id) => {
    const one = { ...call, params: { id: String(id) } };
    const box = ownBox(one);
    if (box === null) return { id, success: false, error: "not_found" };
    if (takeCallFault(one, "destroy-stays") === null) endBox(call.state, box, "destroy");
    return { id, success: true };
  });
  return json({ success: true, msg: `${results.filter((one) => one.success).length} instances destroyed.`, results });
}

function reboot(call: Call): Response {
  const box = ownBox(call);
  if (box === null) return failure(400, "invalid_args", "Invalid instance id.");
  haltBox(call.state, box, "rebooting");
  box.curState = "running";
  beginStart(call.state, box);
  return json({ success: true });
}

function recycle(call: Call): Response {
  const box = ownBox(call);
  if (box === null) return failure(400, "invalid_id", "Invalid instance id.");
  recreate(call.state, box);
  return json({ success: true });
}

/** A new container from a fresh pull on the same machine: the log and the disk start over. */
function recreate(state: MarketState, box: Box): void {
  haltBox(state, box, "recycling");
  box.curState = "running";
  box.log = [];
  beginPull(state, box);
}

function updateTemplate(call: Call): Response {
  const box = ownBox(call);
  if (box === null) return failure(404, "no_such_instance", "Instance with that ID does not exist.");
  const { image, onstart, env } = call.body;
  if (typeof image === "string") box.image = image;
  if (typeof onstart === "string") box.onstart = onstart;
  if (isObject(env))
    box.env = {
      ...box.env,
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, textOf(value, "")])),
    };
  recreate(call.state, box);
  return json({ success: true, updated_instance: instanceRow(call.state, box) });
}

function changeBid(call: Call): Response {
  const box = ownBox(call);
  if (box === null) return failure(404, "no_such_instance", "Instance with that ID does not exist.");
  const price = call.body["price"];
  const bid = price === null || price === undefined ? box.gpuUsdPerHour : Number(price);
  if (!(bid >= 0.001)) return failure(400, "invalid_args", "Please set a bid price >= 0.001.");
  changeBilling(call.state, box, () => {
    box.gpuUsdPerHour = bid;
  });
  noteMostPaid(call.state, box.label);
  return json({ success: true });
}

function prepay(call: Call): Response {
  if (ownBox(call) === null) return failure(404, "no_such_instance", "Instance with that ID does not exist.");
  return json({ success: true, timescale: 3.5, discount_rate: 0.3 });
}
