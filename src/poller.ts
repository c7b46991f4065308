// Reads workers' logs: a stateless entrypoint, because waiting in a Worker costs nothing and waiting in a Durable Object
// is billed (platform reference §2, "design D"). A round of up to 120 logs is accepted at once and worked off in
// `waitUntil`, five logs to an invocation, so that each has its own six connections and 50 subrequests; one hung log call
// holds up its own five at most. One reservation for a round, and one report, or two where some logs are slow: what an
// object hears is billed by the call and by the row.

import { WorkerEntrypoint } from "cloudflare:workers";
import type { BatchToRead, LogBatch } from "./durable/log-rounds.ts";
import type { LogReadFailure, LogText } from "./durable/rpc.ts";
import { accountStub, fleetStub, pollerStub } from "./durable/stubs.ts";
import { type Env, readConfig } from "./env.ts";
import { readLog } from "./fleet/log-lines.ts";
import { lastLines } from "./fleet/log-text.ts";
import type { LogReport } from "./fleet/report.ts";
import { err, ok, type Result } from "./fleet/result.ts";
import { type StatusClass, statusClassOf } from "./fleet/tally.ts";
import type { LogVocabulary } from "./fleet/workload.ts";
import { describeReadFailure, readFresh } from "./log-reading.ts";
import { logEvent, maskSecrets } from "./log.ts";
import { createOutbound, createSlots } from "./outbound.ts";
import { createVastClient, type VastClient, vastHosts } from "./vast/client.ts";

/** The runbook looks at 50 lines; more are needed to see a start, fewer would miss it behind upload lines. */
const TAIL_LINES = 200;
/** All of a batch ends by then; a finished invocation may work for 30 s. */
const BATCH_LIMIT_MS = 22_000;
/** Five logs of at most eight calls each stay inside the free plan's 50 subrequests. */
const BATCH_SIZE = 5;
/** What has been read by then is reported; the slow ones follow together. */
const FIRST_REPORT_MS = 6_000;
/** Left for the reads of the last log that a round starts. */
const READING_MS = 8_000;

type Connect = (onLogCall: (status: number | "lost") => void) => VastClient;

export class LogPoller extends WorkerEntrypoint<Env> {
  /** Takes a round of logs to read; the reports go to the fleet's object. */
  poll(batch: LogBatch): "accepted" {
    this.ctx.waitUntil(this.#work(batch));
    return "accepted";
  }

  /** Reads one log for a person. Waits for it. */
  async read(
    instanceId: number,
    wish: { readonly tail: number; readonly daemon: boolean },
  ): Promise<Result<LogText, LogReadFailure>> {
    const connect = this.#connection();
    if (connect === null) return err({ code: "no-credentials", detail: "VAST_API_KEY or VAST_URL is missing" });
    const vast = connect((status) => this.ctx.waitUntil(accountStub(this.env).countCall("request-logs", status)));
    const reading = await readFresh(vast, instanceId, wish, Date.now() + BATCH_LIMIT_MS);
    if (!reading.ok) return err(describeReadFailure(reading.error));
    const { log, isStale } = reading.value;
    return ok({
      instanceId,
      text: maskSecrets(log.text),
      modifiedAt: log.modifiedAtMs === null ? null : new Date(log.modifiedAtMs).toISOString(),
      isStale,
      from: "market",
      endedAt: null,
    });
  }

  /** Reads a few logs for a round that another invocation works off. */
  async readBatch(batch: BatchToRead): Promise<readonly LogReport[]> {
    const connect = this.#connection();
    return connect === null ? [] : this.#readAll(connect, batch);
  }

  async #work({ fleet, round, instanceIds, vocabulary }: LogBatch): Promise<void> {
    try {
      const connect = this.#connection();
      if (connect === null) return;
      const deadlineMs = Date.now() + BATCH_LIMIT_MS;
      const starts = await accountStub(this.env).reserve("request-logs", instanceIds.length, deadlineMs - READING_MS);
      const logs = instanceIds.map((instanceId, index) => ({ instanceId, startAtMs: starts[index] ?? null }));
      const batches = Array.from({ length: Math.ceil(logs.length / BATCH_SIZE) }, (_, index) => ({
        logs: logs.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
        vocabulary,
        deadlineMs,
      }));
      let waiting: readonly LogReport[] = [];
      const reading = Promise.all(
        batches.map(async (batch) => {
          const reports = await (logs.length === 1 ? this.#readAll(connect, batch) : this.#handOut(fleet, batch));
          waiting = [...waiting, ...reports];
        }),
      );
      let calls: readonly LogReport["logCall"][] = [];
      const deliver = async (): Promise<void> => {
        const reports = waiting;
        waiting = [];
        calls = [...calls, ...reports.map(({ logCall }) => logCall)];
        if (reports.length > 0) await fleetStub(this.env, fleet).recordReports(round, reports);
      };
      await Promise.race([reading, scheduler.wait(FIRST_REPORT_MS)]);
      const early = waiting;
      await deliver().catch((error: unknown) => {
        logEvent({ event: "poller.report", outcome: "failed", fleet, detail: String(error) });
        waiting = [...early, ...waiting];
      });
      await reading;
      await deliver();
      // A pace that was guessed from a refusal shrinks again with each round that meets none.
      const isPaced = starts.length < instanceIds.length || starts.some((startAtMs) => startAtMs > (starts[0] ?? 0));
      if (isPaced && calls.includes("2xx") && !calls.includes("429"))
        await accountStub(this.env).learnPace("request-logs", null);
    } catch (error) {
      logEvent({ event: "poller.round", outcome: "failed", fleet, detail: String(error) });
    }
  }

  /**
   * A batch that is lost on the way says nothing about its workers. A log may have ended its invocation, by its length say,
   * and would at every round take the same others along: each is read by itself then.
   */
  async #handOut(fleet: string, batch: BatchToRead): Promise<readonly LogReport[]> {
    try {
      return await pollerStub(this.ctx).readBatch(batch);
    } catch (error) {
      logEvent({ event: "poller.batch", outcome: "failed", fleet, logs: batch.logs.length, detail: String(error) });
      if (batch.logs.length === 1) return [];
      const alone = await Promise.all(batch.logs.map((log) => this.#handOut(fleet, { ...batch, logs: [log] })));
      return alone.flat();
    }
  }

  #readAll(connect: Connect, { logs, vocabulary, deadlineMs }: BatchToRead): Promise<readonly LogReport[]> {
    return Promise.all(
      logs.map(({ instanceId, startAtMs }) => this.#report(connect, { instanceId, vocabulary }, startAtMs, deadlineMs)),
    );
  }

  async #report(
    connect: Connect,
    { instanceId, vocabulary }: { readonly instanceId: number; readonly vocabulary: LogVocabulary },
    startAtMs: number | null,
    deadlineMs: number,
  ): Promise<LogReport> {
    if (startAtMs === null) {
      const reason = "the market's pace left no place in this round";
      return { ...notMeasured(instanceId, Date.now(), reason), isHeldBack: true };
    }
    await scheduler.wait(Math.max(0, startAtMs - Date.now()));
    const requestedAtMs = Date.now();
    let logCall: StatusClass | null = null;
    const vast = connect((status) => (logCall = statusClassOf(status)));
    const reading = await readFresh(vast, instanceId, { tail: TAIL_LINES, daemon: false }, deadlineMs);
    if (!reading.ok) {
      const isHeldBack = reading.error.kind === "rate-limited";
      const reason = describeReadFailure(reading.error).detail;
      return { ...notMeasured(instanceId, requestedAtMs, reason), logCall, isHeldBack };
    }
    const { log, isStale } = reading.value;
    // Masked before anything of it is kept: a worker may print the token that it was given.
    const text = maskSecrets(log.text);
    const facts = readLog(text, vocabulary);
    const receivedAtMs = Date.now();
    return {
      kind: "measured",
      instanceId,
      requestedAtMs,
      receivedAtMs,
      logCall,
      facts,
      lastLines: lastLines(text),
      isStale,
    };
  }

  /** Clients that share one set of slots; each tells how its calls for a log ended. */
  #connection(): Connect | null {
    const config = readConfig(this.env);
    const { vastUrl, vastApiKey } = config;
    if (vastUrl === null || vastApiKey === null) return null;
    const account = accountStub(this.env);
    const outbound = createOutbound({
      fetch: (url, init) => fetch(url, init),
      allowedHosts: vastHosts(vastUrl),
      slots: createSlots(),
    });
    return (onLogCall) =>
      createVastClient({
        outbound,
        baseUrl: vastUrl,
        apiKey: vastApiKey,
        after: (route, status, failure) => {
          onLogCall(status);
          if (failure?.kind === "rate-limited") this.ctx.waitUntil(account.learnPace(route, failure));
        },
      });
  }
}

function notMeasured(instanceId: number, requestedAtMs: number, reason: string) {
  return { kind: "not-measured", instanceId, requestedAtMs, receivedAtMs: Date.now(), reason } as const;
}
