// The command `fleet` as a person or a program runs it: a process of its own, against a server that writes down what it
// was asked and answers like a keeper.

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { refused } from "../../cli/connection.ts";
import { CommandFailure, EXIT } from "../../cli/failure.ts";
import manifest from "../../package.json" with { type: "json" };
import { newLines } from "../../cli/log-command.ts";
import { painted } from "../../cli/paint.ts";
import { patiently } from "../../cli/patience.ts";
import { readSettings, specFromEnvironment } from "../../cli/settings.ts";
import type { BoxFacts } from "../../src/durable/rpc.ts";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

interface Reply {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
  /** The connection breaks instead. */
  readonly isLost?: boolean;
}

/** Nearly every test starts a process or two, which a busy machine takes its time for. */
vi.setConfig({ testTimeout: 30_000 });

let server: Server;
let asked: Asked[] = [];
let replies: Reply[] = [];

const problem = (status: number, more: object): Reply => ({
  status,
  type: "application/problem+json",
  body: JSON.stringify({ title: "Refused", detail: "it cannot be", hint: "do something else", ...more }),
});

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ method: request.method ?? "", url: request.url ?? "", body, headers: request.headers });
      const reply = replies.shift() ?? { body: "done\n" };
      if (reply.isLost === true) return request.socket.destroy();
      response.writeHead(reply.status ?? 200, { "Content-Type": reply.type ?? "text/plain" });
      return response.end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => void server.close());

beforeEach(() => {
  asked = [];
  replies = [];
});

/** `typed`: somebody sits there, and types this; else nobody can be asked. */
async function fleet(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  typed: string | null = null,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const address = server.address() as AddressInfo;
  const child = spawn(process.execPath, ["cli/bin.mjs", ...args], {
    env: {
      FLEETKEEPER_URL: `http://127.0.0.1:${address.port}`,
      FLEETKEEPER_TOKEN: "token-for-tests-0123456789",
      ...(typed === null ? {} : { NODE_OPTIONS: "--import=data:text/javascript,process.stdin.isTTY=true" }),
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(typed ?? "");
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err };
}

describe("commands", () => {
  it.each<[string, string, string, object | null]>([
    ["status zeb", "GET", "/api/status?prefix=zeb&format=text", null],
    ["up 4", "POST", "/api/fleets/zeb/up?format=text", { count: 4 }],
    [
      "up 2 RTX_3090 -p zeb-large -f b",
      "POST",
      "/api/fleets/b/up?format=text",
      { count: 2, gpu: "RTX_3090", preset: "zeb-large" },
    ],
    ["replenish 6 zeb-large", "POST", "/api/fleets/zeb-large/replenish?format=text", { count: 6 }],
    ["scale 8", "PATCH", "/api/fleets/zeb?format=text", { target: 8 }],
    ["plan", "POST", "/api/fleets/zeb/check?dryRun=true&format=text", {}],
    ["check -f b", "POST", "/api/fleets/b/check?format=text", {}],
    ["close-breaker", "POST", "/api/fleets/zeb/breaker/close?format=text", {}],
    ["replace 3", "POST", "/api/fleets/zeb/workers/3/replace?format=text", {}],
    ["ssh 3", "GET", "/api/fleets/zeb/workers/3/ssh?format=text", null],
    ["destroy 87654321 --shrink", "DELETE", "/api/instances/87654321?shrink=true&format=text", null],
    ["logs 87654321 --tail 30", "GET", "/api/instances/87654321/logs?tail=30&format=text", null],
    ["events -f zeb -s 24h -k strike", "GET", "/api/events?fleet=zeb&since=24h&kind=strike&format=text", null],
    ["cost -w 4 -g RTX_3060", "GET", "/api/cost?workers=4&gpu=RTX_3060&format=text", null],
    ["hosts pardon 4411", "DELETE", "/api/hosts/4411/block?format=text", null],
    ["strays adopt 77 -f zeb", "POST", "/api/strays/77/adopt?format=text", { fleet: "zeb" }],
    ["report --json", "GET", "/api/reports/daily", null],
  ])("fleet %s", async (words, method, url, body) => {
    const { code, out } = await fleet(words.split(" "));
    expect([code, out]).toEqual([0, "done\n"]);
    expect(asked.map((one) => [one.method, one.url, one.body === "" ? null : JSON.parse(one.body)])).toEqual([
      [method, url, body],
    ]);
    expect(asked[0]?.headers.authorization).toBe("Bearer token-for-tests-0123456789");
    expect(asked[0]?.headers["idempotency-key"] !== undefined).toBe(method === "POST");
  });

  it("up takes what the scripts took from the environment", async () => {
    await fleet(["up", "4"], {
      ZEB_FLEET: "zeb-large",
      ZEB_WEIGHTS_NAME: "large",
      ZEB_MAX_DPH: "0.10",
      ZEB_GPUS: "RTX_3080 RTX_4070",
    });
    expect(asked.map(({ url }) => url)).toEqual(["/api/fleets/zeb-large/up?format=text"]);
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      count: 4,
      weightsName: "large",
      maxPriceUsdPerHour: 0.1,
      gpus: ["RTX_3080", "RTX_4070"],
    });
  });

  it("apply sends a file whole", async () => {
    const file = join(tmpdir(), `fleet-${process.pid}.json`);
    await writeFile(file, '{"target":3}');
    expect((await fleet(["apply", file, "--dry-run", "--roll-out"])).code).toBe(0);
    expect(asked.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["PUT", "/api/fleets/zeb?dryRun=true&format=text", '{"target":3,"rollOut":true}'],
    ]);
  });
});

describe("down", () => {
  const list = problem(409, {
    code: "confirm-required",
    confirm: "abc-1",
    fleets: [
      {
        fleet: "zeb",
        workers: [{ label: "zeb-worker-vast-0", gpu: "RTX 3070", status: "running", instanceId: 7 }],
        intents: [],
      },
    ],
  });

  it("shows what would end, and ends nothing where nobody can be asked", async () => {
    replies = [list];
    const { code, err } = await fleet(["down"]);
    expect(code).toBe(2);
    expect(err).toContain("zeb-worker-vast-0  RTX 3070  running  7");
    expect(err).toContain("give --force");
    expect(asked.map(({ url, body }) => [url, body])).toEqual([["/api/down", '{"prefix":"zeb"}']]);
  });

  it("asks nothing with --force", async () => {
    replies = [
      { type: "application/json", body: JSON.stringify({ fleets: [{ name: "zeb" }, { name: "zeb-large" }] }) },
    ];
    const { code, out } = await fleet(["down", "zeb", "--force"]);
    expect([code, out]).toEqual([0, "going down: zeb, zeb-large\n"]);
    expect(asked.map(({ body }) => body)).toEqual(['{"prefix":"zeb","force":true}']);
  });

  it("never sends a target of 0 by the way", async () => {
    expect((await fleet(["scale", "0"])).code).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe("strays destroy", () => {
  const aStray: BoxFacts = {
    instanceId: 77,
    label: "jupyter",
    fleet: null,
    gpu: "RTX 3070",
    status: "running",
    usdPerHour: 0.21,
    startedAtMs: null,
    ssh: null,
    strayWhy: "its label names no fleet and slot",
    isEnding: false,
  };
  const list = (stray: Partial<BoxFacts>): Reply =>
    problem(409, { code: "confirm-required", confirm: "abc-1", stray: { ...aStray, ...stray } });
  const lines =
    "Destroying stray 77 (jupyter, RTX 3070)...\n  waits for a proven list (empty); nothing is destroyed before.\n";

  it("shows the box and its price before it asks, then what the keeper says of it", async () => {
    replies = [list({}), { status: 202, body: lines }];
    const { code, out, err } = await fleet(["strays", "destroy", "77"], {}, "y\n");
    expect(err).toBe(
      "stray: its label names no fleet and slot\n  jupyter  RTX 3070  running  $0.210/hr  77\nDestroy these? [y/N] ",
    );
    expect([code, out]).toEqual([0, lines]);
    expect(asked.map(({ url, body }) => [url, body])).toEqual([
      ["/api/strays/77/destroy?format=text", "{}"],
      ["/api/strays/77/destroy?format=text", '{"confirm":"abc-1"}'],
    ]);
  });

  it("ends nothing without a yes", async () => {
    replies = [list({})];
    expect(await fleet(["strays", "destroy", "77"], {}, "\n")).toMatchObject({ code: 1, out: "" });
    expect(asked).toHaveLength(1);
  });

  it("shows what is not known of the box as such, where nobody can be asked too", async () => {
    replies = [list({ label: null, gpu: null, status: null, usdPerHour: null })];
    const { code, err } = await fleet(["strays", "destroy", "77"]);
    expect(code).toBe(2);
    expect(err).toContain("\n  no label  ?  ?  ? $/hr  77\n");
    expect(asked).toHaveLength(1);
  });

  it.each([
    [[], "/api/strays/77/destroy?format=text", lines],
    [["--json"], "/api/strays/77/destroy", '{"waitsFor":"empty"}\n'],
  ])("prints the keeper's answer with --force %j", async (flags, url, body) => {
    replies = [{ status: 202, body }];
    expect(await fleet(["strays", "destroy", "77", "--force", ...flags])).toEqual({ code: 0, out: body, err: "" });
    expect(asked.map((one) => [one.url, one.body])).toEqual([[url, '{"force":true}']]);
  });
});

describe("exit codes", () => {
  it("1: the keeper refuses, in its own words", async () => {
    const errors = [{ field: "count", expected: "a whole number", got: "x" }];
    replies = [problem(422, { errors })];
    const { code, out, err } = await fleet(["up", "4"]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe("fleet: Refused: it cannot be\n  count: a whole number (got x)\n       do something else\n");
  });

  it.each([
    [["statuss"]],
    [["scale", "many"]],
    [["up"]],
    [["apply", "/nowhere/at/all.json"]],
    [["logs", "12", "--tail", "x"]],
  ])("2: %j is wrong usage, and nothing is asked", async (args) => {
    const { code, err } = await fleet(args);
    expect(code).toBe(2);
    expect(err).not.toBe("");
    expect(asked).toEqual([]);
  });

  it("2: no address, no token", async () => {
    expect((await fleet(["status"], { FLEETKEEPER_URL: "" })).err).toContain("set FLEETKEEPER_URL");
    expect((await fleet(["status"], { FLEETKEEPER_TOKEN: "" })).code).toBe(2);
  });

  it("3: nobody answers", async () => {
    replies = [1, 2, 3].map(() => ({ body: "", isLost: true }));
    const { code, err } = await fleet(["status"]);
    expect(code).toBe(3);
    expect(err).toContain("does not answer");
  });

  it("0: help, and the version", async () => {
    expect(await fleet(["--version"])).toEqual({ code: 0, out: `${manifest.version}\n`, err: "" });
    const { code, out } = await fleet(["--help"]);
    expect(code).toBe(0);
    expect(out).toContain("Exit codes: 0 done, 1 refused by the keeper, 2 wrong usage, 3 no answer from the keeper.");
  });
});

it("a lost answer is asked for again under the same key, so that it is done once", async () => {
  replies = [{ body: "", isLost: true }];
  expect((await fleet(["up", "4"])).code).toBe(0);
  const keys = asked.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

it("a log from a stranger's machine cannot steer the terminal", async () => {
  replies = [{ body: "batch 1\r\n\u001b]0;owned\u0007\u001b[2Jx\u202etxt\tend\n" }];
  expect((await fleet(["logs", "7"])).out).toBe("batch 1\n]0;owned[2Jxtxt\tend\n");
  replies = [problem(404, { detail: "\u001b[31mred\u0007" })];
  expect((await fleet(["logs", "7"])).err).not.toMatch(/(?!\n)\p{Cc}/u);
});

describe("a followed log", () => {
  it.each([
    [["a", "b"], ["a", "b", "c"], ["c"]],
    [
      ["a", "b", "c"],
      ["b", "c", "d", "e"],
      ["d", "e"],
    ],
    [["a", "b"], ["a", "b"], []],
    [["a"], ["x", "y"], ["x", "y"]],
    [[], ["x"], ["x"]],
    // More is read than was known: what stands before it has been passed over, what stands after it is new.
    [
      ["c", "d"],
      ["a", "b", "c", "d", "e", "f"],
      ["e", "f"],
    ],
    [
      ["w", "b"],
      ["a", "w", "b", "w", "c"],
      ["w", "c"],
    ],
    [
      ["a", "b", "c"],
      ["x", "b", "c", "y"],
      ["x", "b", "c", "y"],
    ],
  ])("%j, then %j: prints %j", (known, lines, fresh) => {
    expect(newLines(known, lines)).toEqual(fresh);
  });
});

it("a followed log ends with its instance, and says so", async () => {
  const log = { instanceId: 7, modifiedAt: null, isStale: true, from: "kept" };
  const body = JSON.stringify({ ...log, text: "batch 1\nbatch 2\n", endedAt: "2031-05-01T12:00:00Z" });
  replies = [{ type: "application/json", body }];
  const { code, out, err } = await fleet(["logs", "7", "--follow"]);
  expect([code, out, err]).toEqual([0, "batch 1\nbatch 2\n", "instance 7 ended at 2031-05-01T12:00:00Z\n"]);
});

it("a followed log is lines, and refuses to be JSON", async () => {
  expect((await fleet(["logs", "7", "--follow", "--json"])).code).toBe(2);
  expect(asked).toEqual([]);
});

describe("a command that stays", () => {
  const passing = new CommandFailure(EXIT.unreachable, "nobody answers", null, true);

  it("asks again when the keeper is away for a moment, and says why once", async () => {
    vi.useFakeTimers();
    try {
      const told: string[] = [];
      const looks = vi.fn<() => Promise<string>>().mockRejectedValueOnce(passing).mockRejectedValueOnce(passing);
      looks.mockResolvedValueOnce("a table");
      const seen = patiently({ tell: (line) => void told.push(line) }, looks);
      await vi.advanceTimersByTimeAsync(20_000);
      expect([await seen, told]).toEqual(["a table", ["fleet: nobody answers; asking again"]]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("ends at what is refused for good", async () => {
    const looks = () => Promise.reject(new CommandFailure(EXIT.refused, "no such fleet"));
    await expect(patiently({ tell: () => undefined }, looks)).rejects.toThrow("no such fleet");
  });

  it.each([
    [429, true],
    [503, true],
    [404, false],
    [403, false],
  ])("a %d passes: %s", (status, isPassing) => {
    expect(refused({ status, isJson: false, text: "" }).isPassing).toBe(isPassing);
  });
});

describe("colours", () => {
  const table = [
    "Label                  GPU              Status      Verdict   Age",
    "-----------------------------------------------------------------",
    "zeb-worker-vast-0      RTX 3070         running     OK        40s",
    "zeb-worker-vast-1      RTX 3070         running     ERR       41s",
    "OK: a note that is no verdict, however OK it is at this place ERR",
    "",
  ];

  it("are for the verdicts of a table alone", () => {
    const seen = painted(table.join("\n"), (colour, word) => `<${colour} ${word}>`).split("\n");
    expect(seen).toEqual([
      ...table.slice(0, 2),
      "zeb-worker-vast-0      RTX 3070         running     <green OK>        40s",
      "zeb-worker-vast-1      RTX 3070         running     <red ERR>       41s",
      ...table.slice(4),
    ]);
    expect(painted("no table, OK\n", () => "")).toBe("no table, OK\n");
  });

  it("are left out where the output is no terminal", async () => {
    replies = [{ body: table.join("\n") }];
    expect((await fleet(["status"])).out).toBe(table.join("\n"));
  });
});

describe("settings", () => {
  it("a flag beats the environment, and a trailing slash is no matter", () => {
    const env = { FLEETKEEPER_URL: "https://a.example", FLEETKEEPER_TOKEN: "t" };
    expect(readSettings({ url: "https://b.example/", token: "u" }, env)).toEqual({
      url: "https://b.example",
      token: "u",
    });
    expect(() => readSettings({ url: "b.example" }, env)).toThrow("is not an address");
  });

  it("a price that is none is refused by name", () => {
    expect(() => specFromEnvironment({ ZEB_MAX_DPH: "cheap" })).toThrow("ZEB_MAX_DPH is cheap");
    expect(specFromEnvironment({ ZEB_GPUS: "", ZEB_REPO_ID: "a/b" })).toEqual({ weightsRepo: "a/b" });
  });
});

describe("completion", () => {
  const aFleet = {
    name: "zeb",
    state: "steady",
    totals: { live: 1 },
    workers: [{ slot: 3, instanceId: 87654321, label: "zeb-worker-vast-3", gpu: "RTX 3070", verdict: "producing" }],
  };
  const suggestions = (out: string): readonly string[] => out.split("\n").filter((line) => /^[^:]/.test(line));

  it.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const { code, out } = await fleet(["completion", shell]);
    expect(code).toBe(0);
    expect(out).toContain("fleet complete -- ");
    expect(asked).toEqual([]);
  });

  it("refuses a shell that it does not know", async () => {
    expect((await fleet(["completion", "cmd"])).code).toBe(2);
  });

  it.each([
    [["status", ""], ["zeb\t1 up, steady"]],
    [["plan", "--fleet", ""], ["zeb\t1 up, steady"]],
    [["replace", ""], ["3\tRTX 3070, producing"]],
    [["logs", ""], ["87654321\tzeb-worker-vast-3, producing"]],
  ])("asks the keeper for %j", async (words, expected) => {
    replies = [{ type: "application/json", body: JSON.stringify({ fleets: [aFleet], notes: [] }) }];
    const { code, out } = await fleet(["complete", "--", ...words]);
    expect([code, suggestions(out)]).toEqual([0, expected]);
  });

  it("knows commands and flags without a keeper, and fails where none answers in no way", async () => {
    const { code, out, err } = await fleet(["complete", "--", "repl"], { FLEETKEEPER_URL: "http://127.0.0.1:9" });
    expect([code, suggestions(out).map((line) => line.split("\t")[0]), err]).toEqual([0, ["replenish", "replace"], ""]);
    expect((await fleet(["complete", "--", "status", ""], { FLEETKEEPER_URL: "http://127.0.0.1:9" })).code).toBe(0);
  });
});
