// An open page: a WebSocket to a fleet, as a browser would hold it.

import { exports } from "cloudflare:workers";
import type { LiveMessage } from "../../src/fleet/live.ts";
import { realWait } from "./world.ts";

export interface Page {
  readonly messages: LiveMessage[];
  readonly pongs: string[];
  readonly closed: { code: number; reason: string }[];
  readonly socket: WebSocket;
  /** Waits in real time until so many messages have come in all. */
  received(count: number): Promise<readonly LiveMessage[]>;
}

export function askForPage(fleet: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(
    new Request(`http://keeper/api/fleets/${fleet}/live`, {
      headers: { Upgrade: "websocket", Authorization: "Bearer viewer-token-for-tests", ...headers },
    }),
  );
}

export async function openPage(fleet: string): Promise<Page> {
  const answer = await askForPage(fleet);
  if (answer.webSocket === null) throw new Error(`no socket: ${answer.status} ${await answer.text()}`);
  const page = pageOf(answer.webSocket);
  page.socket.accept();
  return page;
}

export function pageOf(socket: WebSocket): Page {
  const page: Page = {
    messages: [],
    pongs: [],
    closed: [],
    socket,
    received: async (count) => {
      for (let waits = 0; page.messages.length < count && waits < 400; waits++) await realWait(5);
      if (page.messages.length < count) throw new Error(`${page.messages.length} of ${count} messages came`);
      return page.messages;
    },
  };
  socket.addEventListener("message", ({ data }) => {
    const text = String(data);
    if (text.startsWith("{")) page.messages.push(JSON.parse(text) as LiveMessage);
    else page.pongs.push(text);
  });
  socket.addEventListener("close", ({ code, reason }) => page.closed.push({ code, reason }));
  return page;
}
