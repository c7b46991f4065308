// One fleet's socket: opened again when it falls or answers no more, and asked for the whole fleet when a message was missed.

import type { LiveMessage } from "../api/shapes.ts";
import { parsePlainly } from "../view/plain-text.ts";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";

interface Hearers {
  readonly onMessage: (fleet: string, message: LiveMessage) => void;
  /** The fleet has been deleted. */
  readonly onGone: (fleet: string) => void;
  /** It is open now, or no longer. */
  readonly onChange: () => void;
  /** It has said something, and is closed now. */
  readonly onFall: () => void;
  readonly onSessionOver: () => void;
}

export interface FleetSocket {
  isOpen(): boolean;
  /** Does what else would wait for the next try, or for the next sign of life. */
  retryNow(): void;
  close(): void;
}

const RETRY_MS: readonly number[] = [1000, 2000, 5000, 15_000, 30_000];
/** Close codes of decision 0046. */
const SESSION_OVER = 4401;
const FLEET_REMOVED = 4404;

export function openSocket(fleet: string, address: string, hearers: Hearers): FleetSocket {
  let socket: WebSocket | null = null;
  let failures = 0;
  let seq = 0;
  let hasSpoken = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let heart: Heartbeat | null = null;
  let isClosed = false;

  const connect = (): void => {
    const opened = new WebSocket(address);
    socket = opened;
    opened.addEventListener("open", () => {
      if (socket !== opened || isClosed) return;
      seq = 0;
      heart = startHeartbeat(
        () => opened.send("ping"),
        () => fall(opened),
      );
      hearers.onChange();
    });
    opened.addEventListener("message", ({ data }) => take(opened, String(data)));
    opened.addEventListener("close", ({ code }) => fall(opened, code));
  };
  /** `code`: `undefined` where nothing was heard of its end. */
  const fall = (fallen: WebSocket, code?: number): void => {
    if (socket !== fallen || isClosed) return;
    socket = null;
    heart?.stop();
    heart = null;
    // One that is silent goes on waiting for the other side to agree; what it says from here on is not heard.
    fallen.close();
    if (code === FLEET_REMOVED) return hearers.onGone(fleet);
    if (code === SESSION_OVER) hearers.onSessionOver();
    retry = setTimeout(connect, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
    hearers.onChange();
    if (hasSpoken) hearers.onFall();
    hasSpoken = false;
  };
  const take = (from: WebSocket, text: string): void => {
    if (from !== socket) return;
    if (text === "pong") return heart?.heard();
    // A proxy may open a socket and close it again: only what has spoken counts as through.
    hasSpoken = true;
    failures = 0;
    const message = parsePlainly(text) as LiveMessage;
    const isNext = message.seq === seq + 1;
    seq = message.seq;
    if (message.type === "changes" && !isNext) return from.send("fleet");
    hearers.onMessage(fleet, message);
  };
  connect();
  return {
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    retryNow: () => {
      if (isClosed) return;
      if (socket !== null) return heart?.beat();
      clearTimeout(retry);
      connect();
    },
    close: () => {
      isClosed = true;
      clearTimeout(retry);
      heart?.stop();
      socket?.close(1000);
    },
  };
}
