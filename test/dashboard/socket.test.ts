import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openSocket } from "../../dashboard/src/data/socket.ts";

const PING_MS = 45_000;
const PONG_MS = 10_000;
const RETRY_MS = 1000;

/** A socket of the browser, as far as the page uses one; the test is the other side. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static readonly all: FakeSocket[] = [];
  readyState = 0;
  readonly sent: string[] = [];

  constructor() {
    super();
    FakeSocket.all.push(this);
  }

  /** Of a line that broke without a word the browser hears nothing: no `close` comes of it. */
  close(): void {
    this.readyState = 2;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  opens(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  says(data: string): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  ends(code: number): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const heard: string[] = [];
const hearers = {
  onMessage: () => void heard.push("message"),
  onGone: () => void heard.push("gone"),
  onChange: () => void heard.push("change"),
  onFall: () => void heard.push("fall"),
  onSessionOver: () => void heard.push("session over"),
};

function anOpenSocket() {
  const socket = openSocket("zeb", "wss://keeper/api/fleets/zeb/live", hearers);
  const first = newest();
  first.opens();
  first.says('{"type":"fleet","seq":1}');
  return { socket, first };
}

function newest(): FakeSocket {
  const socket = FakeSocket.all.at(-1);
  if (socket === undefined) throw new Error("no socket has been opened");
  return socket;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all.length = 0;
  heard.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("stays with a socket whose pings are answered", () => {
  const { socket, first } = anOpenSocket();
  for (let turn = 0; turn < 5; turn++) {
    vi.advanceTimersByTime(PING_MS);
    first.says("pong");
  }
  vi.advanceTimersByTime(PONG_MS);
  expect(first.sent).toEqual(Array.from({ length: 5 }, () => "ping"));
  expect([FakeSocket.all.length, socket.isOpen()]).toEqual([1, true]);
  socket.close();
});

it("waits 10 s for the answer to a ping, then takes the socket for broken, asks the keeper and opens another", () => {
  const { socket, first } = anOpenSocket();
  vi.advanceTimersByTime(PING_MS + PONG_MS - 1);
  expect([socket.isOpen(), heard]).toEqual([true, ["change", "message"]]);
  vi.advanceTimersByTime(1);
  expect([socket.isOpen(), first.readyState]).toEqual([false, 2]);
  expect(heard).toEqual(["change", "message", "change", "fall"]);
  vi.advanceTimersByTime(RETRY_MS);
  const second = newest();
  expect(second).not.toBe(first);
  second.opens();
  expect(socket.isOpen()).toBe(true);
  socket.close();
});

it("hears nothing more of a socket that it gave up", () => {
  const { socket, first } = anOpenSocket();
  vi.advanceTimersByTime(PING_MS + PONG_MS + RETRY_MS);
  newest().opens();
  heard.length = 0;
  first.says('{"type":"fleet","seq":2}');
  first.ends(1006);
  expect([heard, FakeSocket.all.length, socket.isOpen()]).toEqual([[], 2, true]);
  socket.close();
});

it("looks at once whether an open socket still lives when the keeper is back", () => {
  const { socket, first } = anOpenSocket();
  socket.retryNow();
  expect(first.sent).toEqual(["ping"]);
  vi.advanceTimersByTime(PONG_MS);
  expect(socket.isOpen()).toBe(false);
  socket.close();
});

it("says when the fleet has been deleted, and opens nothing then", () => {
  const { socket, first } = anOpenSocket();
  first.ends(4404);
  vi.advanceTimersByTime(60_000);
  expect([heard.at(-1), FakeSocket.all.length]).toEqual(["gone", 1]);
  socket.close();
});

it("is silent once it is closed", () => {
  const { socket, first } = anOpenSocket();
  socket.close();
  heard.length = 0;
  vi.advanceTimersByTime(10 * PING_MS);
  expect([first.sent, heard, FakeSocket.all.length]).toEqual([[], [], 1]);
});
