import { describe, expect, it } from "vitest";
import { maskSecrets } from "../src/log.ts";
import { secretsOfWebhookUrl, shownWebhookUrl, webhookUrlProblem } from "../src/webhook-url.ts";

describe("webhookUrlProblem", () => {
  it.each([
    "https://discord.com/api/webhooks/123/abc",
    "https://hooks.slack.com/services/T0/B0/x",
    "https://alerts.example.org/in?key=1",
    "https://example.org:443/in",
    "http://127.0.0.1:9160/in",
    "http://localhost:9160/in",
    "http://[::1]:9160/in",
  ])("takes %s", (url) => expect(webhookUrlProblem(url)).toBeNull());

  it.each([
    "no url",
    "http://example.org/in",
    "ftp://example.org/in",
    "javascript:alert(1)",
    "https://me:pass@example.org/in",
    "https://example.org:8443/in",
    "https://10.0.0.1/in",
    "https://169.254.169.254/latest/meta-data",
    "https://0x0a000001/in",
    "https://167772161/in",
    "https://10.1/in",
    "https://[fe80::1]/in",
    "https://[::ffff:10.0.0.1]/in",
    "https://intranet/in",
    "https://metadata.google.internal/in",
    "https://printer.local/in",
    "https://printer.local./in",
    "https://a.localhost/in",
    `https://example.org/${"x".repeat(2000)}`,
  ])("refuses %s, without repeating any of it", (url) => {
    const problem = webhookUrlProblem(url);
    expect(problem).not.toBeNull();
    expect(problem).not.toContain("example.org");
  });
});

it("shows the service and nothing that opens it", () => {
  expect(shownWebhookUrl("https://discord.com/api/webhooks/123/abc")).toBe("https://discord.com/…");
  expect(shownWebhookUrl("https://hooks.slack.com/services/T0/B0/x")).toBe("https://hooks.slack.com/…");
  expect(shownWebhookUrl("https://f3a9c1d07be24411.m.pipedream.net/x")).toBe("https://….pipedream.net/…");
  expect(shownWebhookUrl("https://f3a9c1d07be24411.example.org/")).toBe("https://….example.org/…");
  expect(shownWebhookUrl("http://127.0.0.1:9160/in")).toBe("http://127.0.0.1:9160/…");
});

it("masks the address as a whole, its path and its token", () => {
  const url = "https://alerts.example.org/in/abcdefghijklmnopqrstuvwxyz?key=1";
  const secrets = secretsOfWebhookUrl(url);
  for (const text of [url, "/in/abcdefghijklmnopqrstuvwxyz?key=1", "token abcdefghijklmnopqrstuvwxyz is unknown"])
    expect(maskSecrets(text, secrets)).not.toContain("klmnop");
});

it("masks addresses of Discord and Slack that nobody has registered", () => {
  const text =
    "POST https://discord.com/api/webhooks/12345/AbC-dEf_9 and https://hooks.slack.com/services/T0/B0/xyz failed";
  expect(maskSecrets(text)).toBe("POST https://discord.com/api/webhooks/… and https://hooks.slack.com/… failed");
});
