import { describe, expect, it } from "vitest";
import { readConfig, type EnvText } from "../src/env.ts";
import { maskSecrets } from "../src/log.ts";

const TOKEN = "sixteen-chars-ok";

describe("an empty environment", () => {
  it("means the real market and the real Hub, no keys and nothing odd", () => {
    expect(readConfig({})).toEqual({
      vastUrl: "https://console.vast.ai",
      hubUrl: "https://huggingface.co",
      publicUrl: null,
      vastApiKey: null,
      hfToken: null,
      tokens: [],
      access: null,
      alertWebhookUrl: null,
      alertWebhookFormat: null,
      alertWebhookSecret: null,
      vastWebhookSecret: null,
      wandbApiKey: null,
      wandbProject: "jasonyandell-forge42/zeb-mcts",
      problems: [],
    });
  });

  it("is the same as one of empty texts, as in the committed example", () => {
    const empty = {
      VAST_URL: "",
      HUB_URL: " ",
      PUBLIC_URL: "",
      VAST_API_KEY: "",
      HF_TOKEN: "",
      ADMIN_TOKEN: "",
      VIEWER_TOKEN: "\n",
      ALERT_WEBHOOK_URL: "",
    };
    expect(readConfig(empty)).toEqual(readConfig({}));
  });
});

describe("tokens", () => {
  it("count from 16 characters on, one character less counts as unset and is named", () => {
    expect(readConfig({ ADMIN_TOKEN: TOKEN, VIEWER_TOKEN: "another-token-1234" })).toMatchObject({
      tokens: [
        { role: "admin", name: "admin", token: TOKEN },
        { role: "viewer", name: "viewer", token: "another-token-1234" },
      ],
      problems: [],
    });
    const short = readConfig({ ADMIN_TOKEN: TOKEN.slice(1), VIEWER_TOKEN: "short" });
    expect(short).toMatchObject({ tokens: [] });
    expect(short.problems).toEqual([expect.stringContaining("ADMIN_TOKEN"), expect.stringContaining("VIEWER_TOKEN")]);
  });

  it("are measured without the spaces around them", () => {
    expect(readConfig({ ADMIN_TOKEN: `  ${TOKEN}\n` }).tokens).toMatchObject([{ token: TOKEN }]);
    expect(readConfig({ ADMIN_TOKEN: `short${" ".repeat(20)}` }).tokens).toEqual([]);
  });

  it("have no least length where they are somebody else's keys", () => {
    expect(readConfig({ VAST_API_KEY: "short", HF_TOKEN: "hf_x" })).toMatchObject({
      vastApiKey: "short",
      hfToken: "hf_x",
      problems: [],
    });
  });

  it("do not make a reader an administrator", () => {
    const config = readConfig({ ADMIN_TOKEN: TOKEN, VIEWER_TOKEN: TOKEN });
    expect(config).toMatchObject({
      tokens: [{ role: "admin", token: TOKEN }],
      problems: [expect.stringContaining("VIEWER_TOKEN")],
    });
  });

  it.each(["VAST_API_KEY", "HF_TOKEN", "ADMIN_TOKEN", "WANDB_API_KEY"])(
    "in %s that no header can carry are named and count as unset",
    (name) => {
      const config = readConfig({ [name]: "a key with spaces\nand lines" } as EnvText);
      expect(config.problems).toEqual([expect.stringContaining(name)]);
      expect([config.vastApiKey, config.hfToken, config.wandbApiKey]).toEqual([null, null, null]);
      expect(config.tokens).toEqual([]);
    },
  );
});

describe("addresses", () => {
  it.each([
    ["https://market.test", "https://market.test"],
    ["https://market.test/", "https://market.test"],
    ["https://market.test:8443/base//", "https://market.test:8443/base"],
    ["http://127.0.0.1:8788", "http://127.0.0.1:8788"],
    ["http://localhost:8788/", "http://localhost:8788"],
    ["http://[::1]:8788", "http://[::1]:8788"],
  ])("may be %s", (value, url) => {
    expect(readConfig({ VAST_URL: value, HUB_URL: value, PUBLIC_URL: value })).toMatchObject({
      vastUrl: url,
      hubUrl: url,
      publicUrl: url,
      problems: [],
    });
  });

  it.each([
    "market.test",
    "http://market.test",
    "http://127.0.0.2:8788",
    "http://localhost.example.com",
    "ftp://market.test",
    "https://me:pass@market.test",
    "https://market.test/?a=1",
    "https://market.test/#x",
    "javascript:alert(1)",
  ])("may not be %s: the variable is named and nothing takes its place", (value) => {
    const config = readConfig({ VAST_URL: value, HUB_URL: value, PUBLIC_URL: value });
    expect(config).toMatchObject({ vastUrl: null, hubUrl: null, publicUrl: null });
    expect(config.problems).toEqual(
      ["VAST_URL", "HUB_URL", "PUBLIC_URL"].map((name) => expect.stringContaining(name) as string),
    );
  });

  it("of webhooks may have a query; a bad one is named and its value is not told", () => {
    expect(readConfig({ ALERT_WEBHOOK_URL: "https://hooks.test/services/T0/B0/x?y=1" }).alertWebhookUrl).toBe(
      "https://hooks.test/services/T0/B0/x?y=1",
    );
    const config = readConfig({ ALERT_WEBHOOK_URL: "http://hooks.test/secret-path" });
    expect(config.alertWebhookUrl).toBeNull();
    expect(config.problems.join()).toContain("ALERT_WEBHOOK_URL");
    expect(config.problems.join()).not.toContain("secret-path");
  });

  it("of webhooks have a format that is known, or the host decides", () => {
    expect(readConfig({ ALERT_WEBHOOK_FORMAT: " Slack " })).toMatchObject({
      alertWebhookFormat: "slack",
      problems: [],
    });
    const odd = readConfig({ ALERT_WEBHOOK_FORMAT: "teams" });
    expect(odd.alertWebhookFormat).toBeNull();
    expect(odd.problems).toEqual([expect.stringContaining("ALERT_WEBHOOK_FORMAT")]);
  });

  it("that are no text are named", () => {
    const config = readConfig({ VAST_URL: 5 } as unknown as EnvText);
    expect(config.vastUrl).toBeNull();
    expect(config.problems).toEqual([expect.stringContaining("VAST_URL")]);
  });
});

describe("the configuration", () => {
  it("is read once per environment and frozen", () => {
    const env = { ADMIN_TOKEN: TOKEN };
    const config = readConfig(env);
    expect(readConfig(env)).toBe(config);
    expect(Object.isFrozen(config) && Object.isFrozen(config.problems)).toBe(true);
  });

  it("makes its secrets unprintable", () => {
    readConfig({
      VAST_API_KEY: "plain-vast-key",
      HF_TOKEN: " plain-hub-token ",
      ALERT_WEBHOOK_URL: "https://hooks.test/T0/plain",
      ALERT_WEBHOOK_SECRET: "plain-alert-secret",
      VAST_WEBHOOK_SECRET: "plain-notification-secret",
    });
    expect(maskSecrets("plain-vast-key, plain-hub-token, https://hooks.test/T0/plain")).toBe("…, …, …");
    expect(maskSecrets("at /T0/plain: plain-alert-secret plain-notification-secret")).toBe("at …: … …");
  });
});
