import { describe, expect, it } from "vitest";
import { readLog } from "../../src/fleet/log-lines.ts";
import { zeb } from "../../src/fleet/zeb.ts";

const log = (...lines: string[]) => lines.join("\n") + "\n";
const errorOf = (...lines: string[]) => readLog(log(...lines), zeb.log).error;
const SETUP = "=== Setup started at Thu Feb  6 12:00:00 UTC 2026 ===";
const STARTING = "=== Starting worker zeb-worker-vast-0 at Thu Feb  6 12:02:30 UTC 2026 ===";
const BATCH = "[w] batch 1: 7168 examples, 2.4 games/s, step=142, total_games=256";
const traceback = (...exception: string[]) => [
  "Traceback (most recent call last):",
  '  File "/root/code/forge/zeb/worker/run.py", line 10, in main',
  "    run()",
  ...exception,
];

describe("an error at the start of a worker", () => {
  it.each([
    ["host", true, "AssertionError: No CUDA"],
    ["host", true, "RuntimeError: No CUDA GPUs are available"],
    ["host", true, "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU"],
    ["gpu-size", false, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 324.00 MiB."],
    ["gpu-size", false, "torch.cuda.OutOfMemoryError: CUDA out of memory."],
    ["gpu-size", false, "RuntimeError: CUDA error: out of memory"],
    ["host", false, "RuntimeError: CUDA error: an illegal memory access was encountered"],
    ["host", false, "RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"],
    ["workload", false, "RuntimeError: CUDA error: no kernel image is available for execution on the device"],
    [
      "credentials",
      true,
      "huggingface_hub.errors.HfHubHTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/api",
    ],
    [
      "credentials",
      true,
      "huggingface_hub.errors.HfHubHTTPError: 403 Client Error: Forbidden for url: https://huggingface.co/api",
    ],
    [
      "credentials",
      true,
      "huggingface_hub.errors.RepositoryNotFoundError: 401 Client Error. (Request ID: Root=1-65f0;abc)",
    ],
    ["credentials", true, "httpx.HTTPStatusError: Client error '401 Unauthorized' for url 'https://huggingface.co/x'"],
    ["workload", true, "huggingface_hub.errors.EntryNotFoundError: 404 Client Error. (Request ID: Root=1-65f0;abc)"],
    [
      "workload",
      true,
      "requests.exceptions.HTTPError: 404 Client Error: Not Found for url: https://huggingface.co/a/resolve/main/large.pt",
    ],
    ["workload", true, "ModuleNotFoundError: No module named 'forge.zeb.worker'"],
    ["workload", true, "ImportError: cannot import name 'x' from 'forge.zeb'"],
    ["hub", false, "httpx.ReadTimeout: The read operation timed out"],
    ["hub", false, "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='huggingface.co', port=443)"],
    [
      "hub",
      false,
      "huggingface_hub.errors.HfHubHTTPError: 503 Server Error: Service Unavailable for url: https://huggingface.co",
    ],
    [
      "hub",
      false,
      "huggingface_hub.errors.HfHubHTTPError: 429 Client Error: Too Many Requests for url: https://huggingface.co",
    ],
    [
      "hub",
      false,
      "huggingface_hub.errors.HfHubHTTPError: 412 Client Error: Precondition Failed for url: https://huggingface.co",
    ],
    ["hub", false, "ConnectionResetError: [Errno 104] Connection reset by peer"],
    ["host", false, "OSError: [Errno 28] No space left on device"],
    ["unknown", false, "ValueError: something else"],
    ["unknown", false, "AssertionError"],
  ])("accuses %s (final: %s) when its traceback ends in %s", (faultClass, isFinal, exception) => {
    const error = errorOf(SETUP, STARTING, ...traceback(exception));
    expect(error).toMatchObject({ faultClass, isFinal });
    expect(error?.line).toBe(exception);
  });

  it("by weights that do not fit is final and the workload's", () => {
    const exception = [
      "RuntimeError: Error(s) in loading state_dict for ZebModel:",
      "\tsize mismatch for head.weight: copying a param with shape torch.Size([7])",
    ];
    expect(errorOf(STARTING, ...traceback(...exception))).toMatchObject({ faultClass: "workload", isFinal: true });
    expect(errorOf(BATCH, ...traceback(...exception))).toMatchObject({ faultClass: "workload", isFinal: true });
  });

  it("is told by the exception, not by its explanation below", () => {
    const exception = [
      "huggingface_hub.errors.RepositoryNotFoundError: 401 Client Error. (Request ID: Root=1-a)",
      "",
      "Repository Not Found for url: https://x.",
      "Invalid username or password.",
    ];
    expect(errorOf(STARTING, ...traceback(...exception))?.line).toContain("RepositoryNotFoundError");
  });

  it("is told by the explanation where the exception says nothing", () => {
    const exception = [
      "huggingface_hub.errors.HfHubHTTPError: (Request ID: Root=1-a)",
      "",
      "403 Forbidden: You don't have the rights to create a model",
    ];
    expect(errorOf(STARTING, ...traceback(...exception))).toMatchObject({ faultClass: "credentials", isFinal: true });
  });

  it("is the last of a chain of exceptions, and the telling one where the last says nothing", () => {
    const first = traceback("httpx.ReadTimeout: timed out");
    const between = ["", "During handling of the above exception, another exception occurred:", ""];
    expect(errorOf(...first, ...between, ...traceback("RuntimeError: CUDA error: x"))?.faultClass).toBe("host");
    expect(errorOf(...first, ...between, ...traceback("SystemExit: 1"))?.faultClass).toBe("hub");
  });

  it("is found behind a launcher's prefix", () => {
    const prefixed = traceback("AssertionError: No CUDA").map((line) => `[rank0]: ${line}`);
    expect(errorOf(...prefixed)).toMatchObject({ line: "AssertionError: No CUDA", faultClass: "host", isFinal: true });
  });

  it("is found where the header of its traceback has left the window", () => {
    expect(errorOf("    run()", "httpx.ReadTimeout: The read operation timed out")?.faultClass).toBe("hub");
  });

  it("is not passed over where the log stops inside its traceback", () => {
    expect(errorOf(...traceback())).toMatchObject({ line: "run()", faultClass: "unknown", isFinal: false });
    expect(errorOf("Traceback (most recent call last):")).toMatchObject({ faultClass: "unknown" });
  });
});

describe("an error in the middle of the work", () => {
  it("that refuses the token ends the process, but a later line may show that it lives", () => {
    expect(errorOf(BATCH, ...traceback("HfHubHTTPError: 401 Client Error: Unauthorized"))).toMatchObject({
      faultClass: "credentials",
      isFinal: false,
    });
  });

  it.each([
    ["progress", BATCH],
    ["a milestone of the start", "deps installed"],
    ["a finished upload", "[w] Upload complete (3 batches)"],
    ["a weight sync", "[w] Weights updated: step 142 -> 150"],
    ["a weight sync without news", "[w] No new weights (still step 142)"],
    ["a new start", SETUP],
  ])("is over when %s stands after it", (_what, line) => {
    expect(errorOf(BATCH, ...traceback("RuntimeError: CUDA error: x"))).not.toBeNull();
    expect(errorOf(BATCH, ...traceback("RuntimeError: CUDA error: x"), line)).toBeNull();
  });

  it.each(["Killed", "/root/onstart.sh: line 30:   123 Killed                  python -u"])(
    "is the kernel's %j",
    (line) => {
      expect(errorOf(BATCH, line)?.faultClass).toBe("host");
    },
  );

  it.each([
    "Killed time",
    "skilled",
    "zoom",
    "showroom with headroom",
    "no exceptions here",
    "Exceptional work",
    "401 games",
    "batch size mismatched colours",
  ])("is not %j", (line) => {
    expect(errorOf(BATCH, line)).toBeNull();
  });
});

describe("a line that looks like trouble and is none", () => {
  it.each([
    "  HF transient error (attempt 3/4): ReadTimeout: The read operation timed out",
    "  Retrying in 20s...",
    "[w] Upload failed (ReadTimeout: timed out), will retry next cycle",
    "412 Client Error: Precondition Failed",
    "A commit has happened since. Please refresh and try again.",
    "You have exceeded our hourly quotas for action: commit. We invite you to retry later.",
    "Warning: remote port forwarding failed for listen port 20000",
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError': /simple/",
    "W: Failed to fetch http://archive.ubuntu.com/ubuntu/dists/jammy/InRelease  Could not resolve host",
    "ERROR: pip's dependency resolver does not currently take into account all the packages that are installed.",
    "/opt/conda/torch/cuda/__init__.py:129: UserWarning: CUDA initialization: CUDA error: x",
    "No CUDA runtime is found, using CUDA_HOME='/usr/local/cuda'",
  ])("accuses no one: %s", (line) => {
    expect(errorOf(SETUP, line)).toBeNull();
    expect(errorOf(BATCH, line)).toBeNull();
  });

  it("accuses no one in any line of a message that is retried", () => {
    const message = [
      "  HF transient error (attempt 1/4): HfHubHTTPError: 503 Server Error: x",
      "",
      "403 Forbidden: Internal",
      "  Retrying in 5s...",
    ];
    expect(errorOf(STARTING, ...message)).toBeNull();
  });

  it("does not hide the traceback that follows it", () => {
    const message = "  HF transient error (attempt 4/4): HfHubHTTPError: 503 Server Error: x";
    expect(errorOf(STARTING, message, ...traceback("AssertionError: No CUDA"))).toMatchObject({ faultClass: "host" });
    expect(errorOf(BATCH, "[w] Upload failed (something", "KeyError: 'x'")?.faultClass).toBe("unknown");
    expect(errorOf(STARTING, message, ...traceback("SystemExit: 1"))?.line).toBe("SystemExit: 1");
  });
});

describe("a set-up that fails", () => {
  it.each([
    "/root/onstart.sh: line 12: git: command not found",
    "E: Failed to fetch http://archive.ubuntu.com/ubuntu/pool/git.deb  404  Not Found [IP: 91.189.91.81 80]",
    "E: Unable to locate package git",
    "Err:1 http://archive.ubuntu.com/ubuntu jammy InRelease Temporary failure resolving 'archive.ubuntu.com'",
    "fatal: unable to access 'https://github.com/jasonyandell/mk5-main.git/': Could not resolve host: github.com",
    "error: RPC failed; curl 56 GnuTLS recv error (-54): Error in the pull function.",
    "fatal: early EOF",
    "ERROR: Could not find a version that satisfies the requirement huggingface_hub (from versions: none)",
    "ERROR: No matching distribution found for huggingface_hub",
    "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='files.pythonhosted.org', port=443): Read timed out.",
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "Setup failed: install git",
  ])("accuses the host: %s", (line) => {
    expect(errorOf(SETUP, line)).toMatchObject({ faultClass: "host", isFinal: false });
  });

  it.each([
    "fatal: couldn't find remote ref no-such-branch",
    "fatal: Remote branch no-such-branch not found in upstream origin",
    "fatal: repository 'https://github.com/a/b/' not found",
    "fatal: could not read Username for 'https://github.com': No such device or address",
  ])("for want of the code accuses the workload, for good: %s", (line) => {
    expect(errorOf(SETUP, "git installed", line, line, line, "Setup failed: fetch code")).toMatchObject({
      faultClass: "workload",
      isFinal: true,
    });
  });

  it("and then succeeds in its next try is no error", () => {
    expect(errorOf(SETUP, "E: Unable to locate package git", "git installed")).toBeNull();
  });
});

describe("the launcher of the market", () => {
  const loop = (count: number) => Array.from({ length: count }, () => "/.launch: line 48: ssh: command not found");

  it("turns in a circle after ten such lines and no progress: the host's fault, for good", () => {
    expect(errorOf(...loop(9))).toBeNull();
    expect(errorOf(...loop(10))).toEqual({
      line: "/.launch: line 48: ssh: command not found",
      signature: "<path>: line <n>: ssh: command not found",
      faultClass: "host",
      isFinal: true,
    });
    expect(errorOf("/.launch: line 38: /usr/sbin/sshd: No such file or directory", ...loop(9))?.isFinal).toBe(true);
  });

  it.each([SETUP, "repo cloned", BATCH, "[w] Upload complete (3 batches)"])(
    "does not where %j stands in the log",
    (line) => {
      expect(errorOf(line, ...loop(50))).toBeNull();
    },
  );

  it("is not taken in by what apt prints", () => {
    expect(errorOf("0 upgraded, 0 newly installed, 0 to remove and 12 not upgraded.", ...loop(10))?.isFinal).toBe(true);
  });
});
