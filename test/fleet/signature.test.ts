import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signatureOf } from "../../src/fleet/signature.ts";

describe("the signature of an error line", () => {
  it.each([
    [
      "numbers and sizes",
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 324.00 MiB. GPU 0 has a total capacity of 7.63 GiB",
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 96.50 MiB. GPU 1 has a total capacity of 11.90 GiB",
    ],
    [
      "container ids",
      "Error response from daemon: No such container: C.29306323",
      "Error response from daemon: No such container: C.7",
    ],
    ["paths", "OSError: cannot read /root/code/forge/a.pt", "OSError: cannot read /workspace/x1/b.pt"],
    ["quoted text", "KeyError: 'belief_head.0'", "KeyError: 'value_head.12'"],
    [
      "addresses and request ids",
      "httpx.HTTPStatusError: Client error '404 Not Found' for url 'https://huggingface.co/a/resolve/main/large.pt' (Request ID: Root=1-65f0;abc)",
      "httpx.HTTPStatusError: Client error '404 Not Found' for url 'https://hf.co/b/resolve/main/x.pt' (Request ID: Root=1-77aa;def)",
    ],
    ["addresses in memory", "segfault at 0x7f3a00bc in libcuda", "segfault at 0xdeadbeef01 in libcuda"],
    ["worker ids", "[zeb-worker-vast-3] worker died", "[zeb-worker-vast-11] worker died"],
    ["script lines", "/.launch: line 48: ssh: command not found", "/.launch: line 52: ssh: command not found"],
  ])("is the same on two machines whose lines differ in %s", (_what, one, other) => {
    expect(signatureOf(one)).toBe(signatureOf(other));
    expect(signatureOf(one).length).toBeGreaterThan(10);
  });

  it.each([
    ["HTTP statuses", "HfHubHTTPError: 401 Client Error: Unauthorized", "HfHubHTTPError: 404 Client Error: Not Found"],
    ["quoted HTTP statuses", "Client error '401 Unauthorized' for url 'x'", "Client error '403 Forbidden' for url 'x'"],
    ["system error numbers", "OSError: [Errno 28] No space", "OSError: [Errno 13] No space"],
    ["words", "RuntimeError: CUDA error: a", "RuntimeError: CUDA error: b"],
  ])("keeps faults apart that differ in %s", (_what, one, other) => {
    expect(signatureOf(one)).not.toBe(signatureOf(other));
  });

  it("reads like the line it stands for", () => {
    expect(signatureOf("  /.launch: line 48: ssh: command not found ")).toBe(
      "<path>: line <n>: ssh: command not found",
    );
    expect(signatureOf("ValueError: batch 31 took 4.5 s on 'cuda:0'")).toBe(
      "ValueError: batch <n> took <n> s on <text>",
    );
    expect(signatureOf("python: can't open file '/root/run.py': [Errno 2] No such file")).toBe(
      "python: can't open file <text>: [Errno 2] No such file",
    );
  });

  it("does not depend on how long a path is, though the line is cut", () => {
    const tail = "worker could not be started because of a fault in the loader of the weights ".repeat(4);
    expect(signatureOf(`OSError: /${"a/".repeat(90)}x ${tail}`)).toBe(signatureOf(`OSError: /a ${tail}`));
  });

  it("holds no token", () => {
    expect(signatureOf("bad token hf_abcDEF123456 given")).not.toContain("abc");
  });

  it("of a blank line is empty", () => {
    expect(signatureOf("  \t ")).toBe("");
  });

  const piece = fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      "`",
      "/",
      "~/",
      "../",
      "<n>",
      "<path>",
      ">",
      "<",
      "404 Client Error",
      "'401 Unauthorized",
      "Errno 28",
      "HTTP 404",
      "hf_",
      "0x",
      "deadbeef00",
      "http://",
      "(Request ID: ",
      ")",
      " ",
      "1",
      "abc",
      "12,3.4",
    ),
    fc.string({ maxLength: 8 }),
  );
  const line = fc.array(piece, { maxLength: 80 }).map((pieces) => pieces.join(""));

  it("of a signature is that signature, for any line", () => {
    fc.assert(
      fc.property(line, (text) => {
        const once = signatureOf(text);
        expect(signatureOf(once)).toBe(once);
        expect(once.length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 3000 },
    );
  });

  it.each(["'", "/a", "0", "deadbee", "(Request ID: ", "http://", "a'b", "40", "<", "~/.."])(
    "of a megabyte of %j takes no time to speak of",
    (unit) => {
      const before = performance.now();
      signatureOf(unit.repeat(1_000_000 / unit.length));
      expect(performance.now() - before).toBeLessThan(500);
    },
  );
});
