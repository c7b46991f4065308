// One fleet's socket: opened again when it falls, and asked for the whole fleet when a message was missed.

import type { LiveMessage } from "../api/shapes.ts";
import { parsePlainly } from "../view/plain-text.ts";

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
  /** Does what else would wait for the next try. */
  retryNow(): void;
  close(): void;
}

const RETRY_MS: readonly number[] = [1000, 2000, 5000, 15_000, 30_000];
/** A proxy that drops resting connections shows it only when something is sent. The platform answers, not the object. */
const PING_MS = 45_000;
/** Close codes of decision 0046. */
const SESSION_OVER = 4401;
const FLEET_REMOVED = 4404;

export function openSocket(fleet: string, hearers: Hearers): FleetSocket {
  let socket: WebSocket | null = null;
  let failures = 0;
  let seq = 0;
  let hasSpoken = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const connect = (): void => {
    const address = new URL(`/api/fleets/${encodeURIComponent(fleet)}/live`, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const opened = new WebSocket(address);
    socket = opened;
    opened.addEventListener("open", () => {
      seq = 0;
      hearers.onChange();
    });
    opened.addEventListener("message", ({ data }) => take(opened, String(data)));
    opened.addEventListener("close", ({ code }) => {
      if (socket !== opened || isClosed) return;
      socket = null;
      if (code === FLEET_REMOVED) return hearers.onGone(fleet);
      if (code === SESSION_OVER) hearers.onSessionOver();
      retry = setTimeout(connect, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures += 1;
      hearers.onChange();
      if (hasSpoken) hearers.onFall();
      hasSpoken = false;
    });
  };
  const take = (from: WebSocket, text: string): void => {
    if (text === "pong" || from !== socket) return;
    // A proxy may open a socket and close it again: only what has spoken counts as through.
    hasSpoken = true;
    failures = 0;
    const message = parsePlainly(text) as LiveMessage;
    const isNext = message.seq === seq + 1;
    seq = message.seq;
    if (message.type === "changes" && !isNext) return from.send("fleet");
    hearers.onMessage(fleet, message);
  };
  const ping = setInterval(() => {
    if (socket?.readyState === WebSocket.OPEN) socket.send("ping");
  }, PING_MS);
  connect();
  return {
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    retryNow: () => {
      if (socket !== null || isClosed) return;
      clearTimeout(retry);
      connect();
    },
    close: () => {
      isClosed = true;
      clearTimeout(retry);
      clearInterval(ping);
      socket?.close(1000);
    },
  };
}
