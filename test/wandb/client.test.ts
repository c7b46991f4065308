import { describe, expect, it } from "vitest";
import { createOutbound } from "../../src/outbound.ts";
import { createWandbClient, wandbHosts } from "../../src/wandb/client.ts";
import { fakeServer, json, text, type Answer } from "../vast/fake-server.ts";

const KEY = "wandb-key-of-the-tests-0123456789";

function aClient(answers: readonly Answer[]) {
  const server = fakeServer(answers);
  const outbound = createOutbound({ fetch: server.fetch, allowedHosts: wandbHosts });
  return { calls: server.calls, wandb: createWandbClient({ outbound, key: KEY, project: "team/zeb" }) };
}

const answerOf = (run: object | null) => json({ data: { project: { run } } });
const summaryOf = (summary: object) => answerOf({ state: "running", summaryMetrics: JSON.stringify(summary) });

describe("a run of W&B", () => {
  it("is its state, and samples of each loss that it logs", async () => {
    const { wandb, calls } = aClient([
      summaryOf({
        policy_loss: 0.32,
        "train/value_loss": 0.26,
        glossary: 1,
        belief_acc: 0.7,
        lost_loss: "NaN",
        _step: 9,
      }),
      answerOf({
        sampledHistory: [
          [
            { _step: 1, _timestamp: 1795900000.5, policy_loss: 0.4 },
            { _step: 2, _timestamp: 1795903600, policy_loss: "NaN" },
            { _step: 3, policy_loss: 0.3 },
          ],
          [{ _step: 1, _timestamp: 1795900000, "train/value_loss": 0.27 }],
        ],
      }),
    ]);
    expect(await wandb.run("abc123")).toEqual({
      ok: true,
      value: {
        state: "running",
        losses: [
          { name: "policy_loss", points: [{ atMs: 1795900000500, value: 0.4 }] },
          { name: "train/value_loss", points: [{ atMs: 1795900000000, value: 0.27 }] },
        ],
      },
    });
    expect(calls.map(({ method, url }) => `${method} ${url.href}`)).toEqual([
      "POST https://api.wandb.ai/graphql",
      "POST https://api.wandb.ai/graphql",
    ]);
    expect(calls[0]?.headers.get("Authorization")).toBe(`Basic ${btoa(`api:${KEY}`)}`);
    expect(calls.map(({ body }) => (body as { variables: unknown }).variables)).toEqual([
      { entity: "team", project: "zeb", run: "abc123" },
      {
        entity: "team",
        project: "zeb",
        run: "abc123",
        specs: ["policy_loss", "train/value_loss"].map((name) =>
          JSON.stringify({ keys: ["_step", "_timestamp", name], samples: 500 }),
        ),
      },
    ]);
  });

  it("that logs no loss is asked for once", async () => {
    const { wandb, calls } = aClient([summaryOf({ accuracy: 1 })]);
    expect(await wandb.run("abc123")).toEqual({ ok: true, value: { state: "running", losses: [] } });
    expect(calls).toHaveLength(1);
  });

  it.each<[string, readonly Answer[], string]>([
    ["refuses the key", [text("", 401)], "W&B refuses WANDB_API_KEY"],
    ["knows no such run", [answerOf(null)], "W&B shows this key no run abc123 in team/zeb"],
    ["knows no such project", [json({ data: { project: null } })], "W&B shows this key no run abc123 in team/zeb"],
    ["is out of order", [text("<html>", 502)], "W&B answers 502"],
    ["says what is wrong", [json({ errors: [{ message: `bad ${KEY}` }], data: null })], "W&B answers an error: bad …"],
    ["answers something else", [json([1])], "W&B's answer cannot be read"],
    ["answers half", [summaryOf({ loss: 1 }), answerOf({ sampledHistory: "x" })], "W&B's answer cannot be read"],
    ["does not answer", [], "W&B does not answer: network error (TypeError)"],
  ])("is not measured where W&B %s", async (_name, answers, error) => {
    expect(await aClient(answers).wandb.run("abc123")).toEqual({ ok: false, error });
  });
});
