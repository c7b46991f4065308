// /api/workloads: the records that say what runs in a box and how its log is read. Built-in ones are code; the others are
// rows in D1, and a new record is told to the fleets that use it.

import { type Context, Hono } from "hono";
import {
  type StoredWorkload,
  workloadsList,
  workloadsRead,
  workloadsRemove,
  workloadsUpsert,
} from "../db/workloads.ts";
import { D1_WAIT_MS } from "../deadline.ts";
import { softly } from "../durable/softly.ts";
import { fleetStub } from "../durable/stubs.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { launchProblem, workloadProblem } from "../fleet/launch-check.ts";
import type { Mismatch } from "../fleet/mismatch.ts";
import { type Workload, workloadSchema } from "../fleet/workload.ts";
import { builtInWorkload, builtInWorkloads } from "../fleet/workloads.ts";
import { zeb } from "../fleet/zeb.ts";
import { holdsSecret, logEvent } from "../log.ts";
import { adminOnly, adminUnlessDryRun } from "./auth.ts";
import { both, describe, json } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { readFleets } from "./fleet-list.ts";
import { answer } from "./present.ts";
import { type FieldError, invalidRequest, problem, type ProblemResponse } from "./problem.ts";
import { removedSchema } from "./schemas/answers.ts";
import { workloadDocumentSchema, workloadListSchema, workloadPutSchema } from "./schemas/workloads.ts";
import { dryRunQuery, formatQuery, jsonBody, query } from "./validate.ts";
import { formatWorkload, formatWorkloadPut, formatWorkloads } from "./workload-text.ts";

export interface WorkloadDocument {
  readonly name: string;
  readonly isBuiltIn: boolean;
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
  readonly workload: Workload;
}

export interface WorkloadList {
  readonly workloads: readonly WorkloadDocument[];
  readonly notes: readonly string[];
}

export interface WorkloadPutAnswer {
  readonly workload: Workload;
  /** The fleets that use it, each with the instances that the record would not have made. */
  readonly fleets: readonly { readonly fleet: string; readonly mismatched: readonly Mismatch[] }[];
  readonly notes: readonly string[];
}

/** A record that some fleet could launch: what the schema cannot see shows when it is filled in. */
const recordSchema = workloadSchema
  .superRefine((workload, context) => {
    const unfit = workloadProblem(workload);
    if (unfit !== null) context.addIssue({ code: "custom", path: unfit.field.split("."), message: unfit.detail });
    if (holdsSecret(JSON.stringify(workload)))
      context.addIssue({ code: "custom", message: "a record without a token or key in it: every reader sees it" });
  })
  .meta({ ref: "WorkloadPut", examples: [{ ...zeb, name: "mine" }] });

const path = { workload: "The name of a workload" };
const words = {
  list: describe("listWorkloads", {
    chapter: "Workloads",
    summary: "The records that say what runs in a box",
    answers: { 200: both(workloadListSchema) },
  }),
  read: describe("readWorkload", {
    chapter: "Workloads",
    summary: "One record, whole",
    path,
    answers: { 200: both(workloadDocumentSchema) },
    refusals: ["workload-not-found", "storage-unavailable"],
  }),
  put: describe("putWorkload", {
    chapter: "Workloads",
    summary: "Puts a record, and tells the fleets that use it",
    path,
    answers: { 200: both(workloadPutSchema, "Replaced, or tried"), 201: both(workloadPutSchema, "New") },
    refusals: ["workload-is-built-in", "storage-unavailable"],
  }),
  remove: describe("deleteWorkload", {
    chapter: "Workloads",
    summary: "Removes a record that no fleet uses",
    path,
    answers: { 200: json(removedSchema) },
    refusals: ["workload-not-found", "workload-is-built-in", "workload-in-use", "storage-unavailable"],
  }),
};

export const workloadDoors = new Hono<DoorEnv>()
  .get("/", words.list, query(formatQuery), async (c) => {
    const stored = await softly("workloads.list", workloadsList(c.env.DB), D1_WAIT_MS);
    const notes = stored === null ? ["D1 does not answer; only the built-in workloads are here"] : [];
    const workloads = [...builtInWorkloads.map(documentOfCode), ...(stored ?? []).map(documentOfRow)];
    return answer(c, { workloads, notes }, () => formatWorkloads(workloads, notes));
  })

  .get("/:workload", words.read, query(formatQuery), async (c) => {
    const name = c.req.param("workload");
    const code = builtInWorkload(name);
    const row = code === null ? await softly("workloads.read", asked(workloadsRead(c.env.DB, name)), D1_WAIT_MS) : null;
    if (code === null && row === null) return storageUnavailable();
    const found = code === null ? row?.found && documentOfRow(row.found) : documentOfCode(code);
    return found ? answer(c, found, () => formatWorkload(found)) : notFound(name);
  })

  .put("/:workload", words.put, adminUnlessDryRun, query(dryRunQuery), jsonBody(recordSchema), async (c) => {
    const workload = c.req.valid("json");
    const name = c.req.param("workload");
    if (builtInWorkload(name) !== null) return builtIn(name);
    if (workload.name !== name)
      return invalidRequest([{ field: "name", expected: `the name of the path, ${name}`, got: workload.name }]);
    const { users, notes } = await usersOf(c, name);
    const unfit = users.flatMap((fleet) => unfitFor(fleet, workload));
    if (unfit.length > 0) return invalidRequest(unfit);
    if (c.req.valid("query").dryRun === "true")
      return answerPut(c, { workload, fleets: users.map((fleet) => ({ fleet: fleet.name, mismatched: [] })), notes });
    const before = await softly("workloads.read", asked(workloadsRead(c.env.DB, name)), D1_WAIT_MS);
    const row = { workload, updatedAtMs: Date.now(), updatedBy: actorOf(c).name };
    const isStored = await softly("workloads.put", asked(workloadsUpsert(c.env.DB, row)), D1_WAIT_MS);
    if (isStored === null) return storageUnavailable();
    const told = await Promise.all(users.map((fleet) => tell(c, fleet.name, workload)));
    const late = told.flatMap(({ note }) => note ?? []);
    const fleets = told.map(({ fleet, mismatched }) => ({ fleet, mismatched }));
    return answerPut(c, { workload, fleets, notes: [...notes, ...late] }, before?.found === null ? 201 : 200);
  })

  .delete("/:workload", words.remove, adminOnly, query(formatQuery), async (c) => {
    const name = c.req.param("workload");
    if (builtInWorkload(name) !== null) return builtIn(name);
    const { users, notes } = await usersOf(c, name);
    if (users.length > 0 || notes.length > 0) return inUse(name, [...users.map((fleet) => fleet.name), ...notes]);
    const removal = await softly("workloads.remove", asked(workloadsRemove(c.env.DB, name)), D1_WAIT_MS);
    if (removal === null) return storageUnavailable();
    return removal.found ? c.json({ removed: name }) : notFound(name);
  });

function answerPut(c: Context<DoorEnv>, put: WorkloadPutAnswer, status: 200 | 201 = 200) {
  return answer(c, put, () => formatWorkloadPut(put), status);
}

function documentOfCode(workload: Workload): WorkloadDocument {
  return { name: workload.name, isBuiltIn: true, updatedAt: null, updatedBy: null, workload };
}

function documentOfRow({ workload, updatedAtMs, updatedBy }: StoredWorkload): WorkloadDocument {
  return { name: workload.name, isBuiltIn: false, updatedAt: new Date(updatedAtMs).toISOString(), updatedBy, workload };
}

/** The fleets that use a workload, as they say themselves; `notes` name those that do not answer. */
async function usersOf(c: Context<DoorEnv>, name: string) {
  const { fleets, notes } = await readFleets(c.env, null);
  return { users: fleets.filter(({ spec }) => spec.workload === name), notes };
}

function unfitFor({ name, spec }: FleetDocument, workload: Workload): FieldError[] {
  const unfit = launchProblem(name, spec, workload);
  return unfit === null ? [] : [{ field: unfit.field, expected: `${unfit.detail} (fleet ${name} uses this workload)` }];
}

/** A fleet that is not reached takes the record after its next CHECK. */
async function tell(c: Context<DoorEnv>, fleet: string, workload: Workload) {
  try {
    const taken = await fleetStub(c.env, fleet).takeWorkload(workload, actorOf(c));
    return taken.ok
      ? { fleet, mismatched: taken.value.mismatched, note: null }
      : { fleet, mismatched: [], note: `${fleet} keeps the old record: ${taken.error.detail}` };
  } catch (error) {
    logEvent({ event: "workloads.tell", outcome: "failed", fleet, detail: String(error) });
    return { fleet, mismatched: [], note: `${fleet} does not answer; it takes the record after its next CHECK` };
  }
}

/** Tells "D1 answered that there is none" from "D1 did not answer". */
async function asked<T>(answered: Promise<T>): Promise<{ readonly found: T }> {
  return { found: await answered };
}

function notFound(name: string): ProblemResponse {
  return problem({
    code: "workload-not-found",
    detail: `there is no workload named ${name}`,
    hint: "GET /api/workloads lists the workloads; PUT /api/workloads/{name} makes one",
  });
}

function builtIn(name: string): ProblemResponse {
  return problem({
    code: "workload-is-built-in",
    detail: `${name} comes with the code and is not replaced or removed`,
    hint: "GET it, change it, and PUT it under another name",
  });
}

function inUse(name: string, by: readonly string[]): ProblemResponse {
  return problem({
    code: "workload-in-use",
    detail: `${name} is used by: ${by.join(", ")}`,
    hint: "give these fleets another workload, or take them down and DELETE them, first",
    more: { usedBy: by },
  });
}

function storageUnavailable(): ProblemResponse {
  return problem({
    code: "storage-unavailable",
    detail: "D1 does not answer, and holds the workloads that are not built in",
    hint: "try again; nothing has been changed, and fleets go on with the record they keep",
  });
}
