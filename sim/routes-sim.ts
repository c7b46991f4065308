/**
 * Steering the market: `/sim/state`, `/sim/faults`, `/sim/clock`, `/sim/reset`, `/sim/credit` and `/sim/boxes`. None of this exists
 * at Vast.
 */
import type { Context, Hono } from "hono";
import { failure, json } from "./answers.ts";
import { accountOf, DEFAULT_ACCOUNT_ID, setCredit } from "./billing.ts";
import { applyBoxFault } from "./box-faults.ts";
import { HAND_CLOCK_START_MS } from "./clock.ts";
import { FAULTS, isActive, isFaultName, switchOff, switchOn, type FaultMatch } from "./faults.ts";
import { addWeights, EXAMPLES_REPO, startLearner, WEIGHTS_REPO } from "./hub.ts";
import { readProgram } from "./image-programs.ts";
import { logText } from "./log-store.ts";
import { objectOf, parseJson, textOf, type Loose } from "./loose-json.ts";
import { advance, resetMarket, type Market, type MarketOptions } from "./market.ts";
import { planAct, type MarketState } from "./state.ts";
import { tellTruth } from "./truth.ts";

export function addSimRoutes(app: Hono, market: Market): void {
  app.get("/sim/state", () => {
    advance(market);
    return json(tellTruth(market));
  });
  app.post("/sim/reset", async (c) => reset(market, await readBody(c)));
  app.post("/sim/clock", async (c) => moveClock(market, await readBody(c)));
  app.post("/sim/credit", async (c) => changeCredit(market, await readBody(c)));
  app.post("/sim/images", async (c) => putImage(market, await readBody(c)));
  app.post("/sim/hub/weights", async (c) => putWeights(market, await readBody(c)));
  app.get("/sim/faults", () => json(faultList(market.state)));
  app.post("/sim/faults", async (c) => addFault(market, await readBody(c)));
  app.delete("/sim/faults", () => {
    market.state.faults = [];
    market.onChange(false);
    return json({ removed: "all" });
  });
  app.delete("/sim/faults/:id", (c) => {
    const isGone = switchOff(market.state, Number(c.req.param("id")));
    market.onChange(false);
    return isGone ? json({ removed: Number(c.req.param("id")) }) : failure(404, "not_found", "No fault of that id");
  });
  app.get("/sim/boxes/:id/log", (c) => {
    advance(market);
    const box = market.state.boxes.get(Number(c.req.param("id")));
    if (box === undefined) return failure(404, "not_found", "No box of that id");
    const request = {
      boxId: box.id,
      requestedAtMs: 0,
      readyAtMs: 0,
      tail: 1000,
      filter: "",
      isDaemon: c.req.query("daemon") === "true",
      fixedText: null,
    };
    return new Response(logText(box, request, market.state.nowMs), { headers: { "Content-Type": "text/plain" } });
  });
}

async function readBody(c: Context): Promise<Loose> {
  return objectOf(parseJson(await c.req.text()));
}

/** A fresh market. The body is the market's options, with `nowMs` for a hand-moved clock that starts there. */
function reset(market: Market, body: Loose): Response {
  const nowMs =
    typeof body["nowMs"] === "number" ? body["nowMs"] : market.clock.kind === "hand" ? HAND_CLOCK_START_MS : null;
  // The steering trusts its caller: a body is the options it claims to be.
  const options = { ...body } as MarketOptions;
  const hosts = Array.isArray(body["hosts"]) ? { hosts: { list: body["hosts"] } } : {};
  resetMarket(market, { ...options, ...hosts }, nowMs);
  market.onChange(true);
  return json({ nowMs: market.state.nowMs, seed: market.state.settings.seed, hosts: market.state.hosts.size });
}

function moveClock(market: Market, body: Loose): Response {
  const { nowMs, advanceMs } = body;
  const target =
    typeof nowMs === "number" ? nowMs : market.clock.nowMs() + (typeof advanceMs === "number" ? advanceMs : 0);
  if (!market.clock.moveTo(target))
    return failure(409, "wall_clock", "This market follows the wall clock; reset it with nowMs for a hand-moved one.");
  advance(market);
  market.onChange(false);
  return json({ nowMs: market.state.nowMs });
}

function changeCredit(market: Market, body: Loose): Response {
  advance(market);
  const account = accountOf(market.state, typeof body["account"] === "number" ? body["account"] : DEFAULT_ACCOUNT_ID);
  if (typeof body["usd"] !== "number") return failure(400, "invalid_args", "usd is required");
  setCredit(market.state, account, body["usd"]);
  advance(market);
  market.onChange(false);
  return json({ account: account.id, usd: body["usd"] });
}

function putImage(market: Market, body: Loose): Response {
  advance(market);
  const program = readProgram(body);
  if (program === null)
    return failure(400, "invalid_args", "image, startSeconds, startLines, unitSeconds and unitLine are required");
  market.state.programs.set(program.image, program);
  market.onChange(false);
  return json({ image: program.image });
}

function putWeights(market: Market, body: Loose): Response {
  advance(market);
  const { state } = market;
  const name = typeof body["name"] === "string" ? body["name"] : "";
  if (name === "") return failure(400, "invalid_args", "name is required");
  const repo = typeof body["repo"] === "string" ? body["repo"] : WEIGHTS_REPO;
  const examplesRepo = typeof body["examplesRepo"] === "string" ? body["examplesRepo"] : EXAMPLES_REPO;
  addWeights(state, repo, examplesRepo, {
    name,
    sizeBytes: 13_271_040,
    step: Number(body["step"] ?? 0),
    games: Number(body["games"] ?? 0),
  });
  startLearner(state, repo, name);
  market.onChange(false);
  return json({ repo, name });
}

function faultList(state: MarketState): Loose {
  const active = state.faults.map((fault) => ({ ...fault, isActiveNow: isActive(state, fault) }));
  return { catalogue: FAULTS, active };
}

/** Body: `{name, match?, times?, value?, kind?, atMs?, afterMs?, forMs?}`. */
function addFault(market: Market, body: Loose): Response {
  advance(market);
  const { state } = market;
  const { name, match, times, atMs, afterMs, forMs } = body;
  if (!isFaultName(name))
    return failure(400, "unknown_fault", `No fault is called ${textOf(name, "?")}; GET /sim/faults lists them.`);
  const kind = FAULTS[name].acts;
  const fromMs = typeof atMs === "number" ? atMs : state.nowMs + (typeof afterMs === "number" ? afterMs : 0);
  const fault = switchOn(state, {
    name,
    match: typeof match === "object" && match !== null ? (match as FaultMatch) : {},
    times: typeof times === "number" ? times : name === "next-rent-dud" ? 1 : null,
    value: body["value"] ?? body["kind"] ?? null,
    fromMs,
    untilMs: typeof forMs === "number" ? fromMs + forMs : null,
  });
  if (kind === "box" && fromMs <= state.nowMs) applyBoxFault(state, fault);
  else if (kind === "box") planAct(state, fromMs, { kind: "fault", faultId: fault.id });
  market.onChange(true);
  return json({ id: fault.id, name, hits: fault.hits, isWaiting: state.faults.includes(fault) }, 201);
}
