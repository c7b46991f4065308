// What a workload is: everything that says what runs in a rented box and how its log is read, as plain data.
// A further workload is a new record that passes `workloadSchema`; no code knows one workload from another.
// The runbook's self-play worker is the record in `zeb.ts`. How patterns are written and checked: `pattern.ts`; what
// each field means, with an example: `docs/workloads.md`.

import { z } from "zod";
import { compilePattern, patternProblem } from "./pattern.ts";
import { faultClasses, uploadFaults } from "./report.ts";
import { argumentProblem, scriptProblem, valueNamesWith } from "./template.ts";

/** The two variables that mark a box as ours (design §4, rule 2). Every workload gets them; none may set them. */
export const KEEPER_ENV = "FLEETKEEPER_ID";
export const INTENT_ENV = "FLEETKEEPER_INTENT";
/** The source of a variable that takes the Hub token: the one value that no script and no argument may name. */
export const HUB_TOKEN = "hubToken";

/** A text that a checker has nothing against; it answers `null`, or the problem in words. */
function checked(problemOf: (text: string) => string | null) {
  return z.string().superRefine((text, context) => {
    const message = problemOf(text);
    if (message !== null) context.addIssue({ code: "custom", message });
  });
}

const pattern = checked(patternProblem);
const patterns = z.array(pattern).max(64).readonly();

/** A pattern that must capture the named groups; of several names for one thing, any. */
function capturing(...groups: readonly (readonly string[])[]) {
  const words = groups.map((names) => names.join(" or ")).join(", ");
  return pattern.refine((source) => groups.every((names) => names.some((name) => source.includes(`(?<${name}>`))), {
    message: `must have the named group${groups.length === 1 ? "" : "s"} ${words}`,
  });
}

const milestoneSchema = z
  .strictObject({
    pattern,
    /** What people read: "repo cloned". */
    words: z.string().min(1).max(80),
    phase: z.enum(["setup", "starting"]),
  })
  .readonly();

const faultRuleSchema = z
  .strictObject({
    /** Any of these in a line makes the line an error of this rule; rules are tried in order. */
    patterns,
    faultClass: z.enum(faultClasses),
    /**
     * `at-start`: final only while the run has no progress line, because a start-up failure ends the process;
     * `once-started`: final where the start script has handed over to the worker, because it says that the worker is gone.
     */
    isFinal: z.enum(["always", "at-start", "once-started", "never"]),
    /** True for a line that only says that something failed: it counts where no telling line is there. */
    isVague: z.boolean(),
  })
  .readonly();

const vocabularySchema = z
  .strictObject({
    /** In the order of a start. The first one begins a run: what stands before its last occurrence is an earlier run. */
    milestones: z.array(milestoneSchema).min(1).max(32).readonly(),
    /**
     * One unit of work done: its number, and units a second or the seconds that it took. Optional groups: `step`,
     * `totalGames` (or `total`).
     */
    progress: capturing(["batch"], ["gamesPerSecond", "rate", "seconds"]),
    uploadStarted: patterns,
    uploadCompleted: patterns,
    uploadFailed: patterns,
    /** What the text of a failed upload says, in order; a text that none of these knows is `other`. */
    uploadFaults: z
      .array(z.strictObject({ fault: z.enum(uploadFaults), patterns }).readonly())
      .max(16)
      .readonly()
      .optional(),
    /** Where the worker says how often it uploads; left out where it does not. */
    uploadInterval: capturing(["seconds"]).optional(),
    /** Lines that only a living worker prints; an error before one of them is over. */
    signsOfLife: patterns,
    commit: capturing(["commit"]).nullable(),
    /** What the host's daemon says instead of a log while there is no container. */
    noContainer: patterns,
    /** Lines that look like trouble and are none. */
    benign: patterns,
    /** Harmless messages of several lines: from `begins` to `ends`, at most 12 lines. */
    benignBlocks: z
      .array(z.strictObject({ begins: pattern, ends: pattern }).readonly())
      .max(16)
      .readonly(),
    faults: z.array(faultRuleSchema).max(64).readonly(),
    /** So many such lines, and no milestone and no progress in the whole window: the box's launcher turns in a circle. */
    launcherLoop: z.strictObject({ patterns, minimumLines: z.int().min(1).max(1000) }).readonly(),
  })
  .readonly();

const envSource = z.union([z.string(), z.strictObject({ text: z.string().max(256) }).readonly()], {
  error: 'the name of a value, such as "workerId", or {"text": "…"}',
});

export const workloadNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, "1 to 41 characters of a-z, 0-9 and -");

/** As an environment variable may hold it (market reference §3), since a parameter may become one. */
export const parameterTextSchema = z
  .string()
  .min(1)
  .max(256)
  // No pattern: in a JSON Schema its meaning would depend on a flag that not every reader sets.
  .refine((text) => !/\p{Cc}/u.test(text), "text without control characters");

export const parameterNameSchema = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,31}$/, "a parameter's name: a small letter, then up to 31 letters and digits");

const parameterSchema = z
  .strictObject({
    /** What it is, for people. */
    words: z.string().min(1).max(200),
    /** `null`: each fleet must give it. */
    default: parameterTextSchema.nullable(),
    /** What a value must match; `null`: any text. */
    pattern: pattern.nullable(),
  })
  .refine((each) => each.default === null || each.pattern === null || matches(each.pattern, each.default), {
    path: ["default"],
    message: "the default must match the parameter's own pattern",
  })
  .readonly();

function matches(source: string, text: string): boolean {
  return patternProblem(source) !== null || compilePattern(source).test(text);
}

export const workloadSchema = z
  .strictObject({
    name: workloadNameSchema,
    image: z.string().min(1).max(1024),
    /** Fixed for the life of a box; the market's minimum is 8 (market reference §3). */
    diskGb: z.int().min(8).max(4096),
    runtype: z.enum(["ssh", "ssh_direct", "ssh_proxy"]),
    /** What each fleet may set by `workloadArguments`; templates know it as `{{arg.<name>}}`. */
    parameters: z.record(parameterNameSchema, parameterSchema).readonly().default({}),
    /** Shell text. `{{value}}` and `{{arguments}}` stand bare, between blanks: they are filled in shell-quoted. */
    startScript: z.string().min(1).max(4096),
    /** Arguments of the worker program, in order; each may hold `{{value}}`. */
    workerArguments: z.array(z.string().max(256)).max(64).readonly(),
    /** Environment variable → where its value comes from. */
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/), envSource)
      .refine(
        (env) => !(KEEPER_ENV in env) && !(INTENT_ENV in env),
        `${KEEPER_ENV} and ${INTENT_ENV} are the keeper's own`,
      )
      .readonly(),
    hub: z
      .strictObject({
        /** True where a worker cannot start before its weights are on the Hub (design §4, rule 20). */
        readsWeights: z.boolean(),
        /** True where workers commit to the examples repo and share its hourly limit (rule 21). */
        writesExamples: z.boolean(),
      })
      .readonly(),
    /** Units of work a second by GPU type, with spaces as the market replies; used until observed rates are there (rule 18). */
    gamesPerSecondByGpu: z.record(z.string().max(64), z.number().positive()).readonly(),
    gamesPerSecondDefault: z.number().positive(),
    log: vocabularySchema,
  })
  .superRefine((workload, context) => {
    for (const { path, message } of templateProblems(workload)) context.addIssue({ code: "custom", path, message });
  })
  .readonly();

interface Templates {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly startScript: string;
  readonly workerArguments: readonly string[];
  readonly env: Readonly<Record<string, string | { readonly text: string }>>;
}

/** What the templates of a workload name and there is not, by field. */
function templateProblems({ parameters, startScript, workerArguments, env }: Templates) {
  const names = Object.keys(parameters);
  const sources = [...valueNamesWith(names), HUB_TOKEN];
  const found = [
    { path: ["startScript"], message: scriptProblem(startScript, names) },
    ...workerArguments.map((text, at) => ({ path: ["workerArguments", at], message: argumentProblem(text, names) })),
    ...Object.entries(env).map(([name, source]) => ({
      path: ["env", name],
      message:
        typeof source !== "string" || sources.includes(source)
          ? null
          : `${source} is not a value; there are ${sources.join(", ")}, and {"text": "…"}`,
    })),
  ];
  return found.flatMap(({ path, message }) => (message === null ? [] : [{ path, message }]));
}

export type Workload = z.output<typeof workloadSchema>;
export type LogVocabulary = z.output<typeof vocabularySchema>;
export type FaultRule = z.output<typeof faultRuleSchema>;
