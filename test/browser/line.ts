// The line between a page and a fleet, in the test's hand.

import type { Page } from "playwright-core";

export interface Line {
  /** How many sockets the page has opened. */
  readonly opened: () => number;
  /** How many pings it has sent, and how many of them nothing has answered yet. */
  readonly pings: () => number;
  readonly unanswered: () => number;
  /** Those that are open: nothing comes through any more, and nothing ends. */
  readonly breakAll: () => void;
}

export async function breakable(page: Page, fleet: string): Promise<Line> {
  const sockets: { isBroken: boolean }[] = [];
  let pings = 0;
  let pongs = 0;
  await page.routeWebSocket(new RegExp(`/fleets/${fleet}/live$`), (socket) => {
    const line = { isBroken: false };
    sockets.push(line);
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      if (line.isBroken) return;
      if (text === "ping") pings += 1;
      server.send(text);
    });
    server.onMessage((text) => {
      if (line.isBroken) return;
      socket.send(text);
      if (text === "pong") pongs += 1;
    });
  });
  return {
    opened: () => sockets.length,
    pings: () => pings,
    unanswered: () => pings - pongs,
    breakAll: () => {
      for (const line of sockets) line.isBroken = true;
    },
  };
}
