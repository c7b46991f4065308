// One answer, two forms: JSON, or text where the caller asks for it.

import type { Context } from "hono";
import { accepts } from "hono/accepts";
import type { ByHandAnswer, DoorRefusal, PutAnswer, SshAnswer } from "../durable/rpc.ts";
import type { FleetDocument } from "../fleet/document.ts";
import type { Result } from "../fleet/result.ts";
import { sshLines } from "../fleet/ssh-advice.ts";
import type { DoorEnv } from "./door.ts";
import { totalOf } from "./fleet-list.ts";
import { problem, type ProblemResponse } from "./problem.ts";
import { formatStatus, textOf } from "./table.ts";

type Status = 200 | 201 | 202;

/** What `/mcp` asks its own doors for: the document and its text in one answer. */
export const DOCUMENT_AND_TEXT = "application/vnd.fleetkeeper.document-and-text+json";

/** `?format=` decides; without it the `Accept` header, and JSON where that takes both. */
function wantsText(c: Context<DoorEnv>): boolean {
  const wish = c.req.query("format");
  if (wish !== undefined) return wish === "text";
  const supports = ["application/json", "text/plain"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/plain";
}

/** `text` is asked for only where it is wanted. */
export function answer<T extends object>(c: Context<DoorEnv>, value: T, text: () => string, status: Status = 200) {
  if (c.req.header("Accept") === DOCUMENT_AND_TEXT) {
    // As text by its type: a typed client, which never asks so, must not reckon with a third form.
    const both = JSON.stringify({ document: value, text: text() });
    return c.text(both, status, { "Content-Type": "application/json" });
  }
  return wantsText(c) ? c.text(text(), status) : c.json(value, status);
}

/** A fleet, with its version as ETag, so that a later write can say which one it has seen. */
export function answerFleet(c: Context<DoorEnv>, fleet: FleetDocument) {
  c.header("ETag", etagOf(fleet));
  return answer(c, fleet, () => fleetText(fleet));
}

export function answerPut(c: Context<DoorEnv>, put: PutAnswer) {
  const { fleet, diff, mismatched, notes } = put;
  c.header("ETag", etagOf(fleet));
  const text = (): string => {
    const changes = diff.map(({ field, from, to }) => `${field}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
    const stays = fleet.rollOut === null ? "stays" : "is to be replaced";
    const strangers = mismatched.map(({ slot, instanceId, why }) => `worker ${slot} (${instanceId}) ${stays}: ${why}`);
    return textOf([...changes, ...strangers, ...notes]) + fleetText(fleet);
  };
  return answer(c, put, text, put.created ? 201 : 200);
}

/** 202: the CHECK that carries it out may go on without the caller. */
export function answerByHand(c: Context<DoorEnv>, byHand: Result<ByHandAnswer, DoorRefusal>) {
  return byHand.ok ? answer(c, byHand.value, () => textOf(byHand.value.lines), 202) : refusal(byHand.error);
}

export function answerSsh(c: Context<DoorEnv>, ssh: SshAnswer) {
  return answer(c, ssh, () => textOf(sshLines(ssh)));
}

export function refusal({ code, detail, hint, field }: DoorRefusal): ProblemResponse {
  if (field === undefined) return problem({ code, detail, hint });
  return problem({ code, detail: `${field}: ${detail}`, hint, errors: [{ field, expected: detail }] });
}

function etagOf({ specVersion }: FleetDocument): string {
  return `"${specVersion}"`;
}

function fleetText(fleet: FleetDocument): string {
  return formatStatus({ fleets: [fleet], notes: [] }, totalOf([fleet]));
}
