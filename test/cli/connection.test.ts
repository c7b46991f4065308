// One call of a door, when the answer does not come at once. The clock is not the real one, and nothing is sent.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, Connection } from "../../cli/connection.ts";
import { type CommandFailure, EXIT } from "../../cli/failure.ts";
import { problem } from "../../src/routes/problem.ts";

const settings = { url: "https://keeper.example", token: "token-for-tests-0123456789" };
const SECOND = 1000;

const done = (): Response => new Response("launched\n", { status: 202 });
const lost = (): Response => {
  throw new TypeError("fetch failed", { cause: new Error("read ECONNRESET") });
};
/** What `src/routes/idempotency.ts` answers while the first request with the key is under way. */
const underWay = (retryAfter: string | null = "1"): Response =>
  problem({
    code: "idempotency-in-progress",
    detail: "the same request came 2 s ago and has not been answered",
    hint: "ask again in a second",
    headers: retryAfter === null ? {} : { "Retry-After": retryAfter },
  });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Told {
  readonly end: Answer | CommandFailure;
  /** When each try was made, since the first. */
  readonly atMs: readonly number[];
  readonly keys: ReadonlySet<string | null>;
}

/** `fleet up 4` against a keeper that answers so, and with the last one from then on. */
async function up(...replies: readonly (() => Response)[]): Promise<Told> {
  const startedAtMs = Date.now();
  const atMs: number[] = [];
  const keys = new Set<string | null>();
  const connection = new Connection(settings, false, async (_url, init) => {
    keys.add(new Headers(init.headers).get("Idempotency-Key"));
    const reply = replies[Math.min(atMs.push(Date.now() - startedAtMs), replies.length) - 1];
    return reply?.() ?? done();
  });
  const call = connection.send(
    (doors) => doors.fleets[":fleet"].up.$post({ param: { fleet: "zeb" }, query: {}, json: { count: 4 } }),
    "text",
  );
  const end = call.catch((error: unknown) => error as CommandFailure);
  await vi.advanceTimersByTimeAsync(120 * SECOND);
  return { end: await end, atMs, keys };
}

describe("a POST whose first try is still carried out", () => {
  it("is asked for again under the same key when the door says, and gets the first one's answer", async () => {
    const { end, atMs, keys } = await up(
      lost,
      () => underWay("1"),
      () => underWay("3"),
      done,
    );
    expect(end).toEqual({ status: 202, isJson: false, text: "launched\n" });
    expect(atMs).toEqual([0, 1, 2, 5].map((seconds) => seconds * SECOND));
    expect(keys.size).toBe(1);
  });

  it.each([null, "0", "Wed, 21 Oct 2026 07:28:00 GMT"])(
    "is never asked for without a pause: %j",
    async (retryAfter) => {
      const { atMs } = await up(() => underWay(retryAfter), done);
      expect(atMs).toEqual([0, SECOND]);
    },
  );

  it.each([
    ["1", 16],
    ["10", 3],
    ["3600", 2],
  ])("is given up after 15 s, and is not called refused: Retry-After %s", async (retryAfter, tries) => {
    const { end, atMs } = await up(() => underWay(retryAfter));
    expect(end).toMatchObject({
      exitCode: EXIT.unreachable,
      message: expect.stringContaining("its work is not done yet; the request may have been carried out"),
      hint: expect.stringContaining("fleet status"),
      isPassing: false,
    });
    expect([atMs.length, atMs.at(-1)]).toEqual([tries, 15 * SECOND]);
  });

  it("may still be carried out when the keeper then falls silent", async () => {
    const { end, atMs } = await up(lost, underWay, lost);
    expect(end).toMatchObject({ message: expect.stringContaining("may have been carried out"), isPassing: false });
    expect(atMs).toHaveLength(4);
  });
});

it("an answer that is lost three times is not asked for a fourth time", async () => {
  const { end, atMs } = await up(lost);
  expect(end).toMatchObject({
    exitCode: EXIT.unreachable,
    message: expect.stringMatching(
      /^https:..keeper.example does not answer: read ECONNRESET; .*may have been carried out/,
    ),
    isPassing: false,
  });
  expect(atMs).toEqual([0, SECOND, 2 * SECOND]);
});

it.each([
  ["refused", "ECONNREFUSED"],
  ["timed out before there was a connection", "UND_ERR_CONNECT_TIMEOUT"],
  ["made to a stranger", "DEPTH_ZERO_SELF_SIGNED_CERT"],
])("what has reached nobody is not called carried out: a connection %s", async (_words, code) => {
  const { end } = await up(() => {
    throw new TypeError("fetch failed", { cause: Object.assign(new Error(`no connection: ${code}`), { code }) });
  });
  expect(end).toMatchObject({
    message: `https://keeper.example does not answer: no connection: ${code}`,
    hint: expect.stringContaining("is the address right"),
    isPassing: true,
  });
});

it("a dry run carries nothing out, however its answer is lost", async () => {
  const connection = new Connection(settings, false, async () => lost());
  const plan = connection.send(
    (doors) => doors.fleets[":fleet"].check.$post({ param: { fleet: "zeb" }, query: { dryRun: "true" }, json: {} }),
    "text",
  );
  const end = plan.catch((error: unknown) => error as CommandFailure);
  await vi.advanceTimersByTimeAsync(10 * SECOND);
  expect(await end).toMatchObject({
    message: "https://keeper.example does not answer: read ECONNRESET",
    isPassing: true,
  });
});

it("every other 409 is the keeper's last word", async () => {
  const refused = (): Response => problem({ code: "check-running", detail: "a CHECK is running", hint: "wait" });
  const { end, atMs } = await up(refused, done);
  expect(end).toMatchObject({ status: 409 });
  expect(atMs).toEqual([0]);
});
