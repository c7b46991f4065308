// What the self-play worker of the runbook, its start script, its image's tools and the market's launcher print, and
// what each line means. Line shapes: fleet behaviour reference §2.1 to §2.4. How they are read: `log-lines.ts`.

import type { FaultRule, LogVocabulary } from "./workload.ts";

/** The device cannot be used at all: the driver is too old for the image, or there is none. The start script ends there. */
const noCuda: FaultRule = {
  patterns: [
    "^(?:[A-Za-z]{1,40}: )?No CUDA\\b",
    "^RuntimeError: Found no NVIDIA driver",
    "^RuntimeError: The NVIDIA driver on your system is too old",
    "^RuntimeError: Unexpected error from cudaGetDeviceCount",
    "CUDA error: no CUDA-capable device",
  ],
  faultClass: "host",
  isFinal: "always",
  isVague: false,
};

/** The model does not fit the card: another GPU type is wanted, the host is innocent. */
const gpuTooSmall: FaultRule = {
  patterns: ["CUDA out of memory", "CUDA error: out of memory", "^torch\\.(?:cuda\\.)?OutOfMemoryError"],
  faultClass: "gpu-size",
  isFinal: "never",
  isVague: false,
};

const wrongImageForGpu: FaultRule = {
  patterns: ["no kernel image is available for execution"],
  faultClass: "workload",
  isFinal: "never",
  isVague: false,
};

const cudaFailure: FaultRule = {
  patterns: ["CUDA error", "CUDA driver error", "cuDNN error", "CUBLAS_STATUS_", "CUDNN_STATUS_", "NCCL error"],
  faultClass: "host",
  isFinal: "never",
  isVague: false,
};

/** Config and weights on the Hub disagree: every machine meets the same. */
const weightsMismatch: FaultRule = {
  patterns: [
    "\\bsize mismatch for\\b",
    "\\bsize mismatch\\b",
    "Error\\(s\\) in loading state_dict",
    "(?:Missing|Unexpected) key\\(s\\) in state_dict",
  ],
  faultClass: "workload",
  isFinal: "always",
  isVague: false,
};

/** A Hub repo that the token may not see answers 401 whether it exists or not. */
const refusedByHub: FaultRule = {
  patterns: [
    "\\b40[13] Client Error",
    "Client error '40[13]",
    "\\b401 Unauthorized\\b",
    "\\b403 Forbidden\\b",
    "\\bRepositoryNotFoundError\\b",
    "\\bGatedRepoError\\b",
    "\\bLocalTokenNotFoundError\\b",
  ],
  faultClass: "credentials",
  isFinal: "at-start",
  isVague: false,
};

/** The learner has not put the weights there, or their name is wrong. */
const notOnHub: FaultRule = {
  patterns: [
    "\\b404 Client Error",
    "Client error '404",
    "\\b(?:Remote)?EntryNotFoundError\\b",
    "\\bRevisionNotFoundError\\b",
  ],
  faultClass: "workload",
  isFinal: "at-start",
  isVague: false,
};

/** The code's address or branch is wrong. The start script ends there. */
const codeNotFound: FaultRule = {
  patterns: [
    "couldn't find remote ref\\b",
    "Remote branch [^ ]{1,100} not found",
    "upload-pack: not our ref",
    "^fatal: repository '[^']{1,200}' not found",
    "^fatal: could not read Username",
  ],
  faultClass: "workload",
  isFinal: "at-start",
  isVague: false,
};

/** `python -m` found no such module. A start script may go on with another way to start the worker (§3.2), so not final. */
const moduleMissing: FaultRule = {
  patterns: ["^(?:/[^ ]{1,100}: )?No module named\\b", "\\bcan't open file '"],
  faultClass: "workload",
  isFinal: "never",
  isVague: false,
};

/** The code and the image, or the code and its arguments, do not fit: Python ends there, and the start script with it. */
const codeBroken: FaultRule = {
  patterns: [
    "\\bNo module named\\b",
    "^ImportError: cannot import name",
    "error: (?:unrecognized|the following) arguments",
    "^(?:Syntax|Indentation)Error: ",
  ],
  faultClass: "workload",
  isFinal: "at-start",
  isVague: false,
};

const diskFull: FaultRule = {
  patterns: ["\\bNo space left on device\\b", "\\bDisk quota exceeded\\b"],
  faultClass: "host",
  isFinal: "never",
  isVague: false,
};

/**
 * The kernel takes the process for want of memory; a shell says so in a line of its own, or with the script's name. In the
 * set-up it may be one try of several; once the worker runs, it is the worker that is gone (design rule 7).
 */
const killed: FaultRule = {
  patterns: ["^Killed$", "^[^ ]{1,100}: line [0-9]{1,4}: +[0-9]{1,8} Killed\\b", "^Bus error\\b"],
  faultClass: "host",
  isFinal: "once-started",
  isVague: false,
};

/** The host cannot reach the mirrors, GitHub or the package index, or does so too badly to install anything. */
const hostNetwork: FaultRule = {
  patterns: [
    "\\bgit: (?:command )?not found",
    "\\bpip3?: (?:command )?not found",
    "^E: (?:Failed to fetch|Unable to (?:locate|fetch)|Package '?git|Could not get lock|Some index files)",
    "^fatal: unable to access '",
    "^fatal: (?:early EOF|fetch-pack|the remote end hung up|expected)",
    "^error: (?:RPC failed|[0-9]{1,9} bytes of body)",
    "\\b(?:Could not resolve host|Network is unreachable|No route to host)\\b",
    "\\bTemporary failure (?:in name resolution|resolving)\\b",
    "^ERROR: Could not (?:find a version|install packages)",
    "^ERROR: No matching distribution found",
    "^(?:pip\\._vendor\\.)[a-z0-9.]{1,60}\\.(?:ReadTimeoutError|ProtocolError|IncompleteRead)",
  ],
  faultClass: "host",
  isFinal: "never",
  isVague: false,
};

/** The start script's own word for a step that failed three times; the lines before it usually say more. */
const setupFailed: FaultRule = {
  patterns: ["^Setup failed: "],
  faultClass: "host",
  isFinal: "never",
  isVague: true,
};

/** Out of retries at start-up or in a weight sync: the process dies, and the Hub is to blame (§2.4). */
const hubFailure: FaultRule = {
  patterns: [
    "^[A-Za-z_.]{0,80}\\b(?:ReadTimeout|ConnectTimeout|WriteTimeout|PoolTimeout)\\b",
    "^[A-Za-z0-9_.]{0,80}\\b(?:ReadTimeoutError|ConnectError|ConnectionError|NewConnectionError|MaxRetryError)\\b",
    "^[A-Za-z_.]{0,80}\\b(?:ReadError|WriteError|RemoteProtocolError|ProtocolError|SSLError|ProxyError)\\b",
    "^(?:ConnectionResetError|BrokenPipeError|TimeoutError): ",
    "^[A-Za-z_.]{0,80}\\b(?:LocalEntryNotFoundError|OfflineModeIsEnabled)\\b",
    "^[A-Za-z_.]{1,80}: (?:412|429|5[0-9][0-9]) (?:Client|Server) Error",
    "^[A-Za-z_.]{1,80}: (?:Client|Server) error '(?:412|429|5[0-9][0-9])",
    "^[A-Za-z_.]{1,80}: [^:]{0,40}\\b(?:Precondition Failed|Too Many Requests)\\b",
  ],
  faultClass: "hub",
  isFinal: "never",
  isVague: false,
};

/** The interpreter's own last words. Whose fault it is they do not say. */
const crashed: FaultRule = {
  patterns: ["^Segmentation fault\\b", "^Fatal Python error: "],
  faultClass: "unknown",
  isFinal: "once-started",
  isVague: true,
};

/** An exception that no rule above knows, also where its traceback is cut off. */
const anyException: FaultRule = {
  patterns: [
    "^(?:[A-Za-z_][A-Za-z0-9_.]{0,100})?(?:Error|Exception): ",
    "^(?:[A-Za-z_][A-Za-z0-9_.]{0,100})?(?:Error|Exception)$",
  ],
  faultClass: "unknown",
  isFinal: "never",
  isVague: true,
};

export const zebLog: LogVocabulary = {
  milestones: [
    { pattern: "^=== Setup started at ", words: "setup started", phase: "setup" },
    { pattern: "^git installed$", words: "git installed", phase: "setup" },
    { pattern: "^repo cloned$", words: "repo cloned", phase: "setup" },
    { pattern: "^commit [0-9a-f]{7,64}$", words: "repo cloned", phase: "setup" },
    { pattern: "^code updated$", words: "code updated", phase: "setup" },
    { pattern: "^deps installed$", words: "deps installed", phase: "setup" },
    { pattern: "^GPU OK: ", words: "GPU OK", phase: "setup" },
    { pattern: "^=== Starting worker ", words: "worker started", phase: "starting" },
    { pattern: "^Loading oracle checkpoint: ", words: "loading oracle", phase: "starting" },
    { pattern: "^Pulling initial ", words: "pulling weights", phase: "starting" },
    { pattern: "^ {0,4}(?:Model|Zeb) loaded \\(step ", words: "model loaded", phase: "starting" },
    { pattern: "^ {0,4}Examples repo: ", words: "examples repo reached", phase: "starting" },
    { pattern: "^Creating self-play pipeline", words: "creating pipeline", phase: "starting" },
    { pattern: "^Pipeline created in ", words: "pipeline created", phase: "starting" },
    {
      pattern: "^(?:Worker|Eval-aux worker) [^ ]{1,120} starting \\(output: ",
      words: "worker running",
      phase: "starting",
    },
  ],
  progress:
    "\\] batch (?<batch>[0-9]{1,9}): [0-9,]{1,12} examples, (?<gamesPerSecond>[0-9]{1,6}(?:\\.[0-9]{1,4})?) games/s(?:, eq_win=[0-9.]{1,8}%)?(?:, step=(?<step>[0-9]{1,12}))?(?:, total_games=(?<totalGames>[0-9]{1,12}))?",
  uploadStarted: ["\\] Uploading [0-9]{1,6} batches", "\\bNew Data Upload\\b"],
  uploadCompleted: ["\\] Upload complete\\b"],
  uploadFailed: ["\\] Upload failed\\b"],
  uploadFaults: [
    { fault: "quota", patterns: ["\\bhourly quotas? for action\\b", "\\b429\\b", "\\bToo Many Requests\\b"] },
    { fault: "conflict", patterns: ["\\b412\\b", "\\bPrecondition Failed\\b", "\\bA commit has happened since\\b"] },
    { fault: "refused", patterns: refusedByHub.patterns },
    {
      fault: "unreachable",
      patterns: [
        "Time(?:d )?out",
        "\\btimed out\\b",
        "\\bConnection(?:Error|ResetError| reset| aborted| refused)",
        "\\bBroken ?[Pp]ipe",
        "\\b50[0-9] (?:Server Error|Bad Gateway|Service Unavailable|Gateway Time)",
        "Server error '50[0-9]",
        "\\b(?:SSLError|ProtocolError|MaxRetryError|LocalEntryNotFoundError)\\b",
      ],
    },
  ],
  uploadInterval: "^ {0,4}upload_interval=(?<seconds>[0-9]{1,6})s\\b",
  signsOfLife: ["\\] (?:Zeb weights|Weights) updated: step ", "\\] No new weights\\b"],
  commit: "^commit (?<commit>[0-9a-f]{7,64})$",
  noContainer: ["\\bNo such container\\b"],
  benign: [
    // A retry under way, and a commit that another worker got in before (§2.4).
    "\\bHF transient error \\(attempt ",
    "^ {0,4}Retrying in ",
    "\\b412 (?:Client Error|Precondition Failed)\\b",
    "\\bA commit has happened since\\b",
    "\\bhourly quotas for action\\b",
    "\\bwill retry next cycle\\b",
    // The learner's own lines, should one ever stand in a worker's log.
    "\\bHF (?:ingest|push) error\\b",
    // Judged by progress: only a person's shell access suffers (§2.3).
    "\\bremote port forwarding failed\\b",
    // apt, pip and torch complaining about nothing.
    "^(?:W: |WARNING: |debconf: )",
    "^ERROR: pip's dependency resolver",
    "^No CUDA runtime is found",
    "Warning: ",
  ],
  benignBlocks: [
    // The Hub's error texts have several lines; these are inside a message that says it is retried.
    { begins: "\\] Upload failed \\(", ends: "\\), will retry next cycle" },
    { begins: "\\bHF transient error \\(attempt ", ends: "^ {0,4}Retrying in " },
  ],
  faults: [
    noCuda,
    gpuTooSmall,
    wrongImageForGpu,
    cudaFailure,
    weightsMismatch,
    diskFull,
    refusedByHub,
    notOnHub,
    codeNotFound,
    moduleMissing,
    codeBroken,
    killed,
    hostNetwork,
    setupFailed,
    hubFailure,
    crashed,
    anyException,
  ],
  launcherLoop: {
    patterns: [
      "\\bcommand not found\\b",
      "\\bNo such file or directory\\b",
      "\\bPermission denied\\b",
      "\\bcannot execute\\b",
    ],
    minimumLines: 10,
  },
};
