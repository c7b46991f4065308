// /api/alerts: what fires now and where it is sent to; and a fleet's own receiver. An address is taken and never given back.

import { type Context, Hono } from "hono";
import { z } from "zod";
import type { AlertTrial, AlertView } from "../durable/alert-view.ts";
import type { DoorRefusal } from "../durable/rpc.ts";
import { accountStub, fleetStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import { alertFormats } from "../fleet/alert-formats.ts";
import { fleetNameProblem } from "../fleet/label.ts";
import type { Result } from "../fleet/result.ts";
import { logEvent, registerSecrets } from "../log.ts";
import { secretsOfWebhookUrl, webhookUrlProblem } from "../webhook-url.ts";
import { adminOnly } from "./auth.ts";
import { both, describe } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { readFleetNames } from "./fleet-list.ts";
import { answer, refusal } from "./present.ts";
import { fleetNotFound, invalidRequest, problem } from "./problem.ts";
import { alertListSchema, alertTrialSchema, alertViewSchema } from "./schemas/alerts.ts";
import { type AlertList, formatAlerts, trialLines } from "./table-alerts.ts";
import { textOf } from "./table.ts";
import { fleetName, formatQuery, jsonBody, nothing, query, secretJsonBody } from "./validate.ts";

const fleetField = z.string().max(100).meta({ description: "Its own receiver; left out: the deployment's" });
const testSchema = z
  .strictObject({ fleet: fleetField.optional() })
  .meta({ ref: "AlertTest", examples: [{ fleet: "zeb" }] });
const receiverSchema = z
  .strictObject({
    url: z.string().meta({ description: "A webhook's address; it is never given back" }),
    format: z.enum(alertFormats).optional().meta({ description: "Left out: by the host" }),
    secret: z.string().trim().min(16).max(256).optional().meta({ description: "Signs what is sent as plain JSON" }),
  })
  .meta({ ref: "ReceiverPut", examples: [{ url: "https://hooks.example.com/zeb" }] });

const words = {
  list: describe("listAlerts", {
    chapter: "Alerts",
    summary: "What fires now, and how its delivery goes",
    answers: { 200: both(alertListSchema) },
  }),
  test: describe("testReceiver", {
    chapter: "Alerts",
    summary: "Sends a message to a receiver now, and says what it answered",
    answers: { 200: both(alertTrialSchema) },
    refusals: ["fleet-not-found", "no-receiver"],
  }),
  read: describe("readFleetAlerts", {
    chapter: "Alerts",
    summary: "What fires in a fleet, and its own receiver",
    answers: { 200: both(alertViewSchema) },
    refusals: ["fleet-not-found"],
  }),
  put: describe("putReceiver", {
    chapter: "Alerts",
    summary: "Gives a fleet a receiver of its own",
    answers: { 200: both(alertViewSchema) },
    refusals: ["fleet-not-found"],
  }),
  remove: describe("deleteReceiver", {
    chapter: "Alerts",
    summary: "Takes a fleet's own receiver away",
    answers: { 200: both(alertViewSchema) },
    refusals: ["fleet-not-found"],
  }),
};

export const alerts = new Hono<DoorEnv>()
  .get("/", words.list, query(formatQuery), async (c) => {
    const list = await readAlerts(c.env);
    return answer(c, list, () => formatAlerts(list));
  })

  .post("/test", words.test, adminOnly, query(formatQuery), jsonBody(testSchema), async (c) => {
    const { fleet } = c.req.valid("json");
    const actor = actorOf(c);
    if (fleet === undefined) return answerTrial(c, { ok: true, value: await accountStub(c.env).tryReceiver(actor) });
    const fault = fleetNameProblem(fleet);
    if (fault !== null) return invalidRequest([{ field: "fleet", expected: fault, got: fleet.slice(0, 100) }]);
    return answerTrial(c, await fleetStub(c.env, fleet).tryReceiver(actor), fleet);
  });

export const fleetAlerts = new Hono<DoorEnv>()
  .get("/:fleet/alerts", words.read, fleetName, query(formatQuery), async (c) => {
    const fleet = c.req.param("fleet");
    const view = await fleetStub(c.env, fleet).alertView();
    return view === null ? fleetNotFound(fleet) : answerView(c, view);
  })

  .put(
    "/:fleet/alerts",
    words.put,
    adminOnly,
    fleetName,
    query(formatQuery),
    secretJsonBody(receiverSchema),
    async (c) => {
      const { url, format = null, secret = null } = c.req.valid("json");
      // The value is not repeated: it is a secret, however wrong it may be.
      const fault = webhookUrlProblem(url.trim());
      if (fault !== null) return invalidRequest([{ field: "url", expected: `a webhook's address; it ${fault}` }]);
      registerSecrets([...secretsOfWebhookUrl(url.trim()), secret]);
      const target = { url: new URL(url.trim()).href, format, secret };
      const set = await fleetStub(c.env, c.req.param("fleet")).setReceiver(target, actorOf(c));
      return set.ok ? answerView(c, set.value) : refusal(set.error);
    },
  )

  .delete("/:fleet/alerts", words.remove, adminOnly, fleetName, query(formatQuery), jsonBody(nothing), async (c) => {
    const set = await fleetStub(c.env, c.req.param("fleet")).setReceiver(null, actorOf(c));
    return set.ok ? answerView(c, set.value) : refusal(set.error);
  });

/** Of the account and of every fleet, asked side by side. Who does not answer is named. */
async function readAlerts(env: Env): Promise<AlertList> {
  const [{ names, notes }, account] = await Promise.all([
    readFleetNames(env, null),
    accountStub(env)
      .alertView()
      .catch((error: unknown) => silent("account", error)),
  ]);
  const answers = await Promise.all(
    names.map((name) =>
      fleetStub(env, name)
        .alertView()
        .catch((error: unknown) => silent(name, error)),
    ),
  );
  const views = [account, ...answers].filter((view) => view !== null && view !== "silent");
  const unheard = names.filter((_, index) => answers[index] === "silent");
  const receivers = views.flatMap(({ receiver }) => receiver ?? []);
  return {
    alerts: views.flatMap((view) => view.alerts),
    receivers,
    notes: [
      ...notes,
      ...(account === "silent" ? ["the account's keeper does not answer; its alerts are missing here"] : []),
      ...unheard.map((name) => `${name} does not answer; its alerts are missing here`),
      ...(account !== "silent" && account.receiver === null
        ? [
            "ALERT_WEBHOOK_URL is not set: nothing of the account, and of no fleet without a receiver of its own, is sent",
          ]
        : []),
      ...receivers
        .filter(({ format, signed }) => format === "generic" && !signed)
        .map(({ fleet }) => `what ${fleet ?? "the deployment"} sends is not signed: ALERT_WEBHOOK_SECRET is not set`),
    ],
  };
}

function silent(who: string, error: unknown): "silent" {
  logEvent({ event: "alerts.silent", outcome: "failed", who, detail: String(error) });
  return "silent";
}

function answerView(c: Context<DoorEnv>, { alerts: firing, receiver }: AlertView) {
  const list: AlertList = { alerts: firing, receivers: receiver === null ? [] : [receiver], notes: [] };
  return answer(c, { alerts: firing, receiver }, () => formatAlerts(list));
}

function answerTrial(c: Context<DoorEnv>, trial: Result<AlertTrial | null, DoorRefusal>, fleet?: string) {
  if (!trial.ok) return refusal(trial.error);
  const { value } = trial;
  if (value !== null) return answer(c, value, () => textOf(trialLines(value)));
  return problem({
    code: "no-receiver",
    detail: fleet === undefined ? "the secret ALERT_WEBHOOK_URL is not set" : `${fleet} has no receiver of its own`,
    hint:
      fleet === undefined
        ? "set it with `wrangler secret put ALERT_WEBHOOK_URL`, or in .dev.vars for a local run"
        : `PUT /api/fleets/${fleet}/alerts sets one; without it the deployment's receiver hears of the fleet`,
  });
}
