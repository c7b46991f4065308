// News of the fleets: over a WebSocket per fleet that costs a resting keeper nothing (decision 0046), and by asking now
// and then while one does not get through. A hidden page does neither.

import { effect, signal } from "@preact/signals";
import { type Answer, call } from "../api/call.ts";
import { isLoggedIn, resumeSession, wasLoggedIn } from "../api/session.ts";
import type { FleetList, LiveMessage, SeriesDocument } from "../api/shapes.ts";
import { type Link, linkOf } from "../view/link.ts";
import { forgetAnswers } from "./query.ts";
import { dropFleet, fleetCells, forgetFleets, takeFleets, takeMessage } from "./fleets.ts";
import { type FleetSocket, openSocket } from "./socket.ts";

/** How news arrives, for the mark on every page. */
export const link = signal<Link>("connecting");
/** When the keeper was last heard: what is shown is as it was then. `null`: not yet. */
export const heardAtMs = signal<number | null>(null);

const POLL_MS = 10_000;
/** A fleet that somebody else makes is found so late; the answer comes from D1 and wakes no object. */
const NEW_FLEETS_MS = 120_000;

const sockets = new Map<string, FleetSocket>();
let timers: ReturnType<typeof setInterval>[] = [];
let isAnswering = true;
let isAsking = false;
/** Questions are numbered, for an older one may be answered, or given up, after a newer. */
let lastAsked = 0;
let lastAnswered = 0;

let early: Promise<Answer<FleetList>> | null = null;

/** Beside the question who is there, not after it: a browser that was logged in most often still is. */
export function askEarly(): void {
  if (wasLoggedIn()) early = call<FleetList>("/api/fleets");
}

async function askFleets(): Promise<Answer<FleetList>> {
  const begun = early;
  early = null;
  const answer = begun === null ? null : await begun;
  return answer?.ok === true ? answer : call<FleetList>("/api/fleets");
}

export async function readFleets(): Promise<void> {
  lastAsked += 1;
  const asked = lastAsked;
  isAsking = true;
  const answer = await askFleets();
  isAsking = false;
  if (asked < lastAnswered) return;
  lastAnswered = asked;
  const isBack = answer.ok && !isAnswering;
  isAnswering = answer.ok;
  if (answer.ok) {
    heardAtMs.value = Date.now();
    takeFleets(answer.value);
  }
  // A keeper that is back takes sockets too: the next try need not wait its turn.
  if (isBack) for (const socket of sockets.values()) socket.retryNow();
  follow();
}

/** A socket for each fleet there is, and none for those that are gone. */
function follow(): void {
  if (timers.length === 0) return;
  const names = new Set((fleetCells.peek() ?? []).map(({ name }) => name));
  for (const [name, socket] of sockets) {
    if (names.has(name)) continue;
    socket.close();
    sockets.delete(name);
  }
  for (const name of names) {
    if (sockets.has(name)) continue;
    sockets.set(
      name,
      openSocket(name, liveAddress(name), { onMessage, onGone, onChange: follow, onFall, onSessionOver }),
    );
  }
  link.value = linkOf(
    isAnswering,
    [...sockets.values()].map((socket) => socket.isOpen()),
  );
}

function liveAddress(fleet: string): string {
  const address = new URL(`/api/fleets/${encodeURIComponent(fleet)}/live`, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

function onMessage(name: string, message: LiveMessage): void {
  heardAtMs.value = Date.now();
  takeMessage(name, message);
}

/** The first sign of a keeper that is gone: it is asked at once, not at the next turn. */
function onFall(): void {
  if (!isAsking && timers.length > 0) void readFleets();
}

function onGone(name: string): void {
  sockets.delete(name);
  dropFleet(name);
  follow();
}

function onSessionOver(): void {
  void resumeSession();
}

async function lookForNew(): Promise<void> {
  const answer = await call<SeriesDocument>("/api/series?hours=24");
  // Without a fleet there is no socket that could fall.
  if (!answer.ok) return sockets.size === 0 ? readFleets() : undefined;
  if (answer.value.fleets.some(({ fleet }) => !sockets.has(fleet))) await readFleets();
}

function begin(): void {
  if (timers.length > 0) return;
  timers = [
    setInterval(() => {
      if (link.peek() !== "live") void readFleets();
    }, POLL_MS),
    setInterval(() => void lookForNew(), NEW_FLEETS_MS),
  ];
  addEventListener("online", onOnline);
  void readFleets();
}

function onOnline(): void {
  // What looks open may have broken with the line that was there before.
  for (const socket of sockets.values()) socket.retryNow();
  void readFleets();
}

function end(): void {
  removeEventListener("online", onOnline);
  for (const timer of timers) clearInterval(timer);
  timers = [];
  for (const socket of sockets.values()) socket.close();
  sockets.clear();
  link.value = "connecting";
}

/** Listens while somebody is logged in and looks. */
export function keepListening(): void {
  const attend = (): void => (isLoggedIn.peek() && !document.hidden ? begin() : end());
  effect(() => {
    if (!isLoggedIn.value) {
      forgetFleets();
      forgetAnswers();
    }
    attend();
  });
  document.addEventListener("visibilitychange", attend);
}
