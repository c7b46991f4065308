// The open pages of a fleet: sockets that hibernate. While nothing happens they hold no memory and no timer of the object and
// keep it from nothing; the platform answers their pings. Whoever changes the fleet says so by `announce`, which answers at
// once and never fails: a slow or dead page holds up nobody.
//
// What the pages were told last is kept in memory only. An object that wakes finds its storage as its pages know it, because
// every change is announced before it sleeps. Each socket remembers a mark of what it knows; where that is not what the
// storage holds (the object died between a change and its announcement), the next message is the whole fleet.

import type { FleetDocument } from "../fleet/document.ts";
import { ASK_FLEET, changesBetween, CLOSE, type FleetChanges, markOf, PING, PONG } from "../fleet/live.ts";
import { describeFault, logEvent } from "../log.ts";

/** Each of them costs a copy of each message, and no page needs more. */
export const SOCKETS_MAX = 50;
/** Changes that come in quick succession are told together. */
const TELL_EVERY_MS = 1_000;
/** A page that has missed something may ask for the whole fleet so often. */
const ASK_EVERY_MS = 1_000;

interface LiveTerms {
  readonly ctx: Pick<
    DurableObjectState,
    "acceptWebSocket" | "getWebSockets" | "setWebSocketAutoResponse" | "waitUntil"
  >;
  /** The fleet as it is; `null`: there is none. */
  readonly describe: () => FleetDocument | null;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What each socket remembers while the object sleeps. */
interface Viewer {
  readonly seq: number;
  /** Of the state that it knows. */
  readonly mark: string | null;
  readonly askedAtMs: number;
  /** When the session it was opened with ends; `null`: it was opened with a token. */
  readonly untilMs: number | null;
}

export interface LiveSockets {
  /** Takes a new page; `null`: there are too many. */
  readonly open: (untilMs: number | null) => WebSocket | null;
  readonly announce: () => void;
  readonly hear: (socket: WebSocket, message: string | ArrayBuffer) => void;
  /** The page has gone, or is going. */
  readonly leave: (socket: WebSocket) => void;
  readonly closeAll: (why: Closing) => void;
}

type Closing = (typeof CLOSE)[keyof typeof CLOSE];
type Body = { readonly type: "fleet"; readonly fleet: FleetDocument } | ({ readonly type: "changes" } & FleetChanges);

export function createLiveSockets({ ctx, describe, now, sleep }: LiveTerms): LiveSockets {
  let told: FleetDocument | null = null;
  let toldAtMs = 0;
  let isWaiting = false;

  const open = (untilMs: number | null): WebSocket | null => {
    const others = ctx.getWebSockets().filter(isOpen).length;
    if (others >= SOCKETS_MAX) return null;
    const { 0: page, 1: socket } = new WebSocketPair();
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    ctx.acceptWebSocket(socket);
    socket.serializeAttachment({ seq: 0, mark: null, askedAtMs: 0, untilMs } satisfies Viewer);
    const fleet = describe();
    if (fleet !== null) sendTo(socket, { type: "fleet", fleet }, markOf(fleet));
    // The others are told of what has changed since their last message, or all of it where that is not known; this page
    // hears some of it twice.
    if (others === 0) told ??= fleet;
    return page;
  };

  const announce = (): void => {
    if (isWaiting) return;
    try {
      if (ctx.getWebSockets().length === 0) {
        told = null;
        return;
      }
      const waitMs = toldAtMs + TELL_EVERY_MS - now();
      if (waitMs <= 0) return tell();
      isWaiting = true;
      ctx.waitUntil(tellAfter(Math.min(waitMs, TELL_EVERY_MS)));
    } catch (error) {
      logFailure(error);
    }
  };

  const tellAfter = async (ms: number): Promise<void> => {
    try {
      await sleep(ms);
      tell();
    } catch (error) {
      logFailure(error);
    } finally {
      isWaiting = false;
    }
  };

  const tell = (): void => {
    const fleet = describe();
    if (fleet === null) return closeAll(CLOSE.fleetRemoved);
    const body = bodyFor(told, fleet);
    told = fleet;
    if (body === null) return;
    toldAtMs = now();
    const mark = markOf(fleet);
    for (const socket of ctx.getWebSockets()) sendTo(socket, body, mark);
  };

  const hear = (socket: WebSocket, message: string | ArrayBuffer): void => {
    if (message !== ASK_FLEET) return close(socket, CLOSE.notUnderstood);
    const viewer = viewerOf(socket);
    if (now() - viewer.askedAtMs < ASK_EVERY_MS) return;
    socket.serializeAttachment({ ...viewer, askedAtMs: now() } satisfies Viewer);
    const fleet = describe();
    if (fleet === null) return close(socket, CLOSE.fleetRemoved);
    sendTo(socket, { type: "fleet", fleet }, markOf(fleet));
  };

  const closeAll = (why: Closing): void => {
    for (const socket of ctx.getWebSockets()) close(socket, why);
  };

  const leave = (socket: WebSocket): void => close(socket, { code: 1000, reason: "the page has left" });

  const sendTo = (socket: WebSocket, body: Body, mark: string): void => {
    if (!isOpen(socket)) return;
    try {
      const viewer = viewerOf(socket);
      if (viewer.untilMs !== null && viewer.untilMs <= now()) return close(socket, CLOSE.sessionOver);
      const { type, ...rest } = body;
      const seq = viewer.seq + 1;
      socket.send(JSON.stringify({ type, seq, at: new Date(now()).toISOString(), ...rest }));
      socket.serializeAttachment({ ...viewer, seq, mark } satisfies Viewer);
    } catch (error) {
      logFailure(error);
      close(socket, { code: 1011, reason: "a message could not be sent" });
    }
  };

  // An object that wakes with open pages looks before anything changes.
  try {
    const sockets = ctx.getWebSockets();
    const fleet = sockets.length === 0 ? null : describe();
    const mark = fleet === null ? null : markOf(fleet);
    if (sockets.every((socket) => viewerOf(socket).mark === mark)) told = fleet;
  } catch (error) {
    logFailure(error);
  }
  return { open, announce, hear, leave, closeAll };
}

function bodyFor(told: FleetDocument | null, fleet: FleetDocument): Body | null {
  if (told === null) return { type: "fleet", fleet };
  const changes = changesBetween(told, fleet);
  return changes === null ? null : { type: "changes", ...changes };
}

function viewerOf(socket: WebSocket): Viewer {
  return socket.deserializeAttachment() as Viewer;
}

function isOpen({ readyState }: WebSocket): boolean {
  return readyState === WebSocket.OPEN;
}

function close(socket: WebSocket, { code, reason }: { readonly code: number; readonly reason: string }): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed already.
  }
}

function logFailure(error: unknown): void {
  logEvent({ event: "fleet.live", outcome: "failed", detail: describeFault(error) });
}
