// News of the fleets: over a WebSocket per fleet that costs a resting keeper nothing (decision 0046), and by asking now
// and then while one does not get through. A hidden page does neither.

import { effect, signal } from "@preact/signals";
import { call } from "../api/call.ts";
import { isLoggedIn, resumeSession } from "../api/session.ts";
import type { FleetList, LiveMessage, SeriesDocument } from "../api/shapes.ts";
import { dropFleet, fleetCells, forgetFleets, takeFleets, takeMessage } from "./fleets.ts";
import { type FleetSocket, openSocket } from "./socket.ts";

export type Link = "connecting" | "live" | "polling" | "silent";

/** How news arrives, for the mark on every page. */
export const link = signal<Link>("connecting");

const POLL_MS = 10_000;
/** A fleet that somebody else makes is found so late; the answer comes from D1 and wakes no object. */
const NEW_FLEETS_MS = 120_000;

const sockets = new Map<string, FleetSocket>();
let timers: ReturnType<typeof setInterval>[] = [];

export async function readFleets(): Promise<void> {
  const answer = await call<FleetList>("/api/fleets");
  if (answer.ok) takeFleets(answer.value);
  follow(!answer.ok);
}

/** A socket for each fleet there is, and none for those that are gone. */
function follow(isSilent = false): void {
  if (timers.length === 0) return;
  const names = new Set((fleetCells.peek() ?? []).map(({ name }) => name));
  for (const [name, socket] of sockets) {
    if (names.has(name)) continue;
    socket.close();
    sockets.delete(name);
  }
  for (const name of names) {
    if (sockets.has(name)) continue;
    sockets.set(name, openSocket(name, { onMessage, onGone, onChange: () => follow(), onSessionOver }));
  }
  const isLive = [...sockets.values()].every((socket) => socket.isOpen());
  link.value = isSilent && !(isLive && sockets.size > 0) ? "silent" : isLive ? "live" : "polling";
}

function onMessage(name: string, message: LiveMessage): void {
  takeMessage(name, message);
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
  if (!answer.ok) return;
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
  void readFleets();
}

function end(): void {
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
    if (!isLoggedIn.value) forgetFleets();
    attend();
  });
  document.addEventListener("visibilitychange", attend);
}
