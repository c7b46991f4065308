import { describe, expect, it } from "vitest";
import { alertBody, formatOfHost } from "../../src/fleet/alert-formats.ts";
import type { AddressedNotice, AlertContent, AlertMessage } from "../../src/fleet/alert-message.ts";

const T0 = Date.parse("2026-11-24T00:00:00Z");
const EVIL =
  "@everyone <@123> <!channel> <https://evil.example|click> [x](https://evil.example) **b** `c` ```d``` \u202e\u0007\nnew line";

function aNotice(notice: Partial<AddressedNotice> = {}): AddressedNotice {
  return {
    change: "firing",
    key: "breaker-open",
    kind: "breaker-open",
    fleet: "zeb",
    sinceMs: T0 - 720_000,
    atMs: T0,
    lastedMs: 720_000,
    summary: "breaker open: 2 machines, same error: No module named 'forge'",
    ...notice,
  };
}

const message = (content: AlertContent): AlertMessage => ({ id: "5f0c", atMs: T0, content });
const alerts = (...notices: AddressedNotice[]): AlertMessage => message({ type: "alert", notices });

interface Discord {
  readonly allowed_mentions: unknown;
  readonly embeds: readonly { title: string; description: string; color: number; timestamp: string }[];
}
const discord = (sent: AlertMessage): Discord => JSON.parse(alertBody("discord", sent, "https://keeper.test"));
interface Slack {
  readonly text: string;
  readonly blocks: readonly { type: string; text?: { type: string; text: string } }[];
}
const slack = (sent: AlertMessage): Slack => JSON.parse(alertBody("slack", sent, null));

it("knows whose address it is, and takes nobody else's for it", () => {
  expect(formatOfHost("discord.com")).toBe("discord");
  expect(formatOfHost("ptb.discord.com")).toBe("discord");
  expect(formatOfHost("discordapp.com")).toBe("discord");
  expect(formatOfHost("hooks.slack.com")).toBe("slack");
  for (const host of ["notdiscord.com", "discord.com.evil.test", "slack.com.evil.test", "127.0.0.1"])
    expect(formatOfHost(host)).toBe("generic");
});

describe("discord", () => {
  it("says what it is about, in red while it lasts and in green when it is over", () => {
    const [embed] = discord(alerts(aNotice({ summary: "same error" }))).embeds;
    expect(embed).toMatchObject({
      title: "Fleetkeeper alert\\: zeb\\: breaker open",
      description: "zeb\\: BREAKER OPEN\\: same error",
      color: 0xd93025,
      timestamp: "2026-11-24T00:00:00.000Z",
    });
    const [over] = discord(alerts(aNotice({ change: "resolved" }))).embeds;
    expect(over).toMatchObject({ color: 0x188038 });
    expect(over?.description).toContain("RESOLVED after 12m00s\\: breaker open");
  });

  it("calls nobody and makes no link or mark-up of a stranger's line", () => {
    const body = discord(alerts(aNotice({ summary: EVIL })));
    expect(body.allowed_mentions).toEqual({ parse: [] });
    const text = body.embeds[0]?.description ?? "";
    // Every character that could steer has its backslash.
    expect(text.replaceAll(/\\./g, "")).not.toMatch(/[@<>*`[\]()|~_#:]/);
    expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it.each([12, 25, 26, 400])("stays within 4,096 characters with %i long lines, and counts the rest", (count) => {
    const notices = Array.from({ length: count }, () => aNotice({ summary: "x".repeat(450) }));
    const text = discord(alerts(...notices)).embeds[0]?.description ?? "";
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(text).toMatch(/more/);
  });

  it("cuts one endless line between characters", () => {
    const text = discord(alerts(aNotice({ summary: "😀".repeat(3000) }))).embeds[0]?.description ?? "";
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(text.isWellFormed()).toBe(true);
  });

  it("keeps a report's columns in a block that nothing in it can end", () => {
    const lines = [
      "Workers  all run",
      `note ${"```"} @everyone`,
      ...Array.from({ length: 800 }, (_, n) => `line ${n}`),
    ];
    const text = discord(message({ type: "report", day: "2026-11-23", lines })).embeds[0]?.description ?? "";
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(text.match(/```/g)).toHaveLength(2);
    expect(text).toContain("Workers  all run\nnote");
    expect(text).toMatch(/… and \d+ more lines\n```$/);
  });
});

describe("slack", () => {
  it("puts a stranger's words into plain text, and escapes the rest", () => {
    const body = slack(alerts(aNotice({ summary: EVIL })));
    const section = body.blocks.find(({ type }) => type === "section");
    expect(section?.text?.type).toBe("plain_text");
    expect(section?.text?.text).not.toContain("\n");
    expect(body.text).not.toMatch(/[<>]/);
  });

  it("escapes a report, which is shown as code", () => {
    const lines = ["a <!channel> & <@U1>", "```"];
    const section = slack(message({ type: "report", day: "2026-11-23", lines })).blocks[1];
    expect(section?.text?.text).toBe("```\na &lt;!channel&gt; &amp; &lt;@U1&gt;\n'''\n```");
  });

  it.each([1, 300])("stays within 3,000 characters with %i lines of a report", (count) => {
    const lines = Array.from({ length: count }, () => "<&>".repeat(200));
    const section = slack(message({ type: "report", day: "2026-11-23", lines })).blocks[1];
    expect(section?.text?.text.length).toBeLessThanOrEqual(3000);
  });
});

it("generic is plain data with stable names", () => {
  const sent = alerts(aNotice(), aNotice({ change: "resolved", kind: "strays", key: "stray:7", fleet: null }));
  expect(JSON.parse(alertBody("generic", sent, "https://keeper.test"))).toEqual({
    type: "alert",
    id: "5f0c",
    timestamp: "2026-11-24T00:00:00.000Z",
    source: "https://keeper.test",
    title: "Fleetkeeper: 1 alert, 1 resolved",
    alerts: [
      {
        change: "firing",
        key: "breaker-open",
        kind: "breaker-open",
        fleet: "zeb",
        since: "2026-11-23T23:48:00.000Z",
        at: "2026-11-24T00:00:00.000Z",
        lastedSeconds: 720,
        summary: "breaker open: 2 machines, same error: No module named 'forge'",
      },
      expect.objectContaining({ change: "resolved", key: "stray:7", fleet: null }),
    ],
  });
  expect(JSON.parse(alertBody("generic", message({ type: "test", by: "admin" }), null))).toMatchObject({
    type: "test",
    by: "admin",
    source: null,
  });
});
