import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import {
  classifyAnswer,
  classifySilence,
  cleanMessage,
  describeFailure,
  isOutcomeUnknown,
  type VastFailure,
  type VastRoute,
} from "../../src/vast/errors.ts";
import deprecatedList from "../fixtures/vast/deprecated-list.json" with { type: "json" };

const NOW = Date.parse("2026-11-23T18:00:00Z");
const gateway = readFileSync(new URL("../fixtures/vast/gateway.html", import.meta.url).pathname, "utf8");

function classify(
  status: number,
  body: unknown,
  route: VastRoute = "list",
  headers: Record<string, string> = {},
): VastFailure {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return classifyAnswer({ kind: "answer", status, headers: new Headers(headers), text, truncated: false }, route, NOW);
}

const refusal = (error: string, msg: string) => ({ success: false, error, msg });

describe("a bad key", () => {
  it.each([
    ["401 with its code", 401, refusal("auth_error", "Invalid user key")],
    ["404 with the same code: the key matches no user", 404, refusal("auth_error", "Invalid user key")],
    ["403 with its code where the scope is missing", 403, refusal("auth_error", "Permission denied")],
    ["404 with its code and any wording", 404, refusal("auth_error", "Not found")],
    ["403 where the header is missing", 403, refusal("auth_error", "This action requires login.")],
    ["404 without a code, by its wording", 404, { msg: "Session expired. Please log in again." }],
    ["401 that wants a second factor", 401, { success: false, msg: "Two Factor Authentication is needed" }],
    ["401 as plain text", 401, "Unauthorized"],
  ])("is auth: %s", (_name, status, body) => {
    expect(classify(status, body, "one")).toMatchObject({ kind: "auth", status });
  });

  it("is never read as an instance that is gone", () => {
    for (const route of ["one", "destroy", "request-logs"] as const) {
      expect(classify(404, refusal("auth_error", "Invalid user key"), route).kind).toBe("auth");
    }
  });
});

describe("the rate limit", () => {
  it.each([
    ["text", "API requests too frequent", null],
    ["text with a threshold", "API requests too frequent: endpoint threshold=4.5", 4.5],
    ["JSON with detail", { detail: "API requests too frequent endpoint threshold=1.0" }, 1],
    ["JSON with a code", refusal("rate_limit_exceeded", "API requests too frequent endpoint threshold=3.0"), 3],
    ["a quoted JSON text", '"API requests too frequent endpoint threshold=2.0"', 2],
    ["an empty body", "", null],
    ["an HTML page", "<html>429</html>", null],
  ])("is read from %s", (_name, body, thresholdSeconds) => {
    expect(classify(429, body)).toMatchObject({ kind: "rate-limited", thresholdSeconds, retryAfterSeconds: null });
  });

  it("is read from its wording at another status too", () => {
    expect(classify(400, { msg: "API requests too frequent endpoint threshold=4.5" })).toMatchObject({
      kind: "rate-limited",
      thresholdSeconds: 4.5,
    });
  });

  it.each([
    ["12", 12],
    ["Mon, 23 Nov 2026 18:00:30 GMT", 30],
    ["Mon, 23 Nov 2026 17:00:00 GMT", 0],
    ["soon", null],
  ])("honours Retry-After: %s", (header, retryAfterSeconds) => {
    expect(classify(429, "too frequent", "rent", { "Retry-After": header })).toMatchObject({ retryAfterSeconds });
  });
});

describe("a refused rent", () => {
  const at = (status: number, body: unknown) => classify(status, body, "rent");

  it.each([
    [404, refusal("invalid_args", "error 404/3603: no_such_ask Instance type by id 5 is not available.")],
    [
      410,
      { ...refusal("no_such_ask", "error 410/3907: no_such_ask Instance type 5 is no longer available."), ask_id: 5 },
    ],
    [400, refusal("no_such_ask", "gone")],
    [200, refusal("no_such_ask", "gone")],
    [404, { success: false, msg: "Instance type by id 5 is not available." }],
  ])("is offer-gone at %i: %j", (status, body) => {
    expect(at(status, body).kind).toBe("offer-gone");
  });

  it.each([
    [400, refusal("insufficient_credit", "Your account lacks credit; see the billing page.")],
    [400, { error: "insufficient_credit", msg: "Your account lacks credit; see the billing page." }],
    [400, { message: "Your account lacks credit; see the billing page." }],
    [200, refusal("insufficient_credit", "x")],
    [411, { msg: "Insufficient credit" }],
  ])("is no-credit at %i: %j", (status, body) => {
    expect(at(status, body).kind).toBe("no-credit");
  });

  it.each([400, 403, 429])("is spend-limit by its code, also at %i", (status) => {
    expect(at(status, refusal("spend_rate_limit", "slow down")).kind).toBe("spend-limit");
  });

  it.each([
    [400, "invalid_args", "error 400/3467: Invalid args: 'id' is required and must be a valid offer ID"],
    [400, "invalid_price", "bid out of range"],
    [400, "no_ssh_key_for_vm", "VM needs an account key"],
    [403, "invalid_args", "error 403/3586: Offer 5 is not your own. Hosts can only rent their own machines."],
    [483, "invalid_args", "Invalid json_body"],
  ])("is a plain refusal at %i %s", (status, code, msg) => {
    expect(at(status, refusal(code, msg))).toEqual({ kind: "refused", status, code, message: msg });
  });
});

describe("an instance that is gone", () => {
  it.each([
    ["destroy", 400, refusal("invalid_args", "invalid instance_id")],
    ["destroy", 404, refusal("not_found", "Instance not found")],
    ["destroy", 404, refusal("no_such_instance", "Instance 7 not found.")],
    ["manage", 404, refusal("no_such_instance", "Instance 7 not found.")],
    ["request-logs", 404, refusal("invalid_id", "Invalid instance id.")],
    ["manage", 404, refusal("no_such_instance", "Instance with that ID does not exist.")],
  ] as const)("is not-found for %s at %i: %j", (route, status, body) => {
    expect(classify(status, body, route).kind).toBe("not-found");
  });

  it.each([
    ["an empty 404", 404, ""],
    ["a 404 page of a proxy", 404, "<html>Not Found</html>"],
    ["a 404 of a router", 404, { detail: "Not Found" }],
    ["a 410 of a retired route", 410, deprecatedList],
  ])("is not believed of %s", (_name, status, body) => {
    expect(["unreadable", "refused"]).toContain(classify(status, body, "destroy").kind);
  });

  it("is not what a missing log permission says", () => {
    const body = refusal("not_authorized", "Not authorized to view logs for this instance");
    expect(classify(403, body, "request-logs")).toMatchObject({ kind: "refused", code: "not_authorized" });
  });
});

describe("other answers", () => {
  it.each([500, 502, 503, 504, 408])("calls %i lost, whatever its body says", (status) => {
    expect(classify(status, gateway)).toEqual({ kind: "lost", reason: `Vast answered ${status}` });
    expect(classify(status, refusal("no_such_ask", "gone"), "rent").kind).toBe("lost");
  });

  it("reads the retired list as a refusal with its code", () => {
    expect(classify(410, deprecatedList)).toMatchObject({ kind: "refused", status: 410, code: "deprecated_endpoint" });
  });

  it("reads a refused start behind a 200 as a refusal", () => {
    const body = refusal("resources_unavailable", "Required resources are currently unavailable, state change queued.");
    expect(classify(200, body, "manage")).toMatchObject({
      kind: "refused",
      status: 200,
      code: "resources_unavailable",
    });
  });

  it("does not take a filter that is refused for an offer that is gone", () => {
    const body = {
      success: false,
      error: "bad_request",
      msg: "q.gpu_name: Input should be a valid dictionary; x is not available",
    };
    expect(classify(400, body, "search").kind).toBe("refused");
  });

  it("takes a redirect for a refusal: nothing was done, and following it would drop the key", () => {
    expect(classify(308, "", "rent")).toMatchObject({ kind: "refused", code: "redirect" });
  });

  it.each([
    ["HTML with 200", 200, "<html>hello</html>"],
    ["an empty 200", 200, ""],
    ["a JSON array", 200, "[1]"],
    ["text with 400", 400, "Bad Request"],
  ])("calls %s unreadable", (_name, status, body) => {
    expect(classify(status, body)).toMatchObject({ kind: "unreadable", status });
  });

  it("takes the reason from msg, message, detail or the code, in that order", () => {
    const message = (body: object) => {
      const failure = classify(400, body);
      return "message" in failure ? failure.message : null;
    };
    expect(message({ error: "e", msg: "a", message: "b", detail: "c" })).toBe("a");
    expect(message({ error: "e", message: "b", detail: "c" })).toBe("b");
    expect(message({ error: "e", detail: "c" })).toBe("c");
    expect(message({ error: "e" })).toBe("e");
    expect(message({})).toBe("no reason given");
  });

  it("cuts a reason to 300 characters on one line, without escapes and without secrets", () => {
    const message = cleanMessage(
      `\u001b[31mno\u001b[0m\r\n  luck with Bearer abcdef0123456789 and hf_AbCdEf0123456789 ${"x".repeat(500)}`,
    );
    expect(message).toHaveLength(300);
    expect(message).toMatch(/^no luck with Bearer … and hf_… x+$/);
  });
});

describe("silence", () => {
  it("keeps lost and not sent apart", () => {
    expect(classifySilence({ kind: "lost", reason: "time-out" })).toEqual({ kind: "lost", reason: "time-out" });
    expect(classifySilence({ kind: "not-sent", reason: "no" })).toMatchObject({
      kind: "refused",
      status: 0,
      code: "not-sent",
    });
  });
});

const oneOfEach: readonly VastFailure[] = [
  { kind: "no-key" },
  { kind: "auth", status: 404, message: "m" },
  { kind: "rate-limited", thresholdSeconds: 1, retryAfterSeconds: null, message: "m" },
  { kind: "offer-gone", message: "m" },
  { kind: "no-credit", message: "m" },
  { kind: "spend-limit", message: "m" },
  { kind: "not-found", message: "m" },
  { kind: "refused", status: 0, code: "not-sent", message: "m" },
  { kind: "refused", status: 400, code: null, message: "m" },
  { kind: "unreadable", status: 200, message: "m" },
  { kind: "lost", reason: "m" },
];

it("leaves the outcome open for a lost and an unreadable answer, and for no other", () => {
  expect(oneOfEach.filter(isOutcomeUnknown).map((failure) => failure.kind)).toEqual(["unreadable", "lost"]);
});

it("has different words for every failure", () => {
  expect(new Set(oneOfEach.map(describeFailure)).size).toBe(oneOfEach.length);
});
