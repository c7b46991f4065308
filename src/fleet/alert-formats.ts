// A message in the form that its receiver reads. Summaries carry words of strangers (log lines, labels, answers of hosts):
// they may not mention anybody, make a link or break out of their place. Limits are those the services document.

import { type AlertMessage, messageLines, messageTitle } from "./alert-message.ts";
import { formatInstant } from "./instant.ts";

export const alertFormats = ["discord", "slack", "generic"] as const;
export type AlertFormat = (typeof alertFormats)[number];

/** Whom the host belongs to; any other receiver takes plain JSON. */
export function formatOfHost(hostname: string): AlertFormat {
  if (/(^|\.)discord(app)?\.com$/.test(hostname)) return "discord";
  return /(^|\.)slack(-gov)?\.com$/.test(hostname) ? "slack" : "generic";
}

/** An embed's description may have 4,096 characters, all of it 6,000. */
const DISCORD_TEXT_MAX = 4096;
const DISCORD_TITLE_MAX = 256;
/** A text object of a section may have 3,000 characters. */
const SLACK_TEXT_MAX = 3000;
const SLACK_HEADER_MAX = 150;
const GENERIC_LINES_MAX = 500;

const RED = 0xd93025;
const GREEN = 0x188038;
const GREY = 0x5f6368;

/** The body to send; `address` is where people reach this deployment. */
export function alertBody(format: AlertFormat, message: AlertMessage, address: string | null): string {
  switch (format) {
    case "discord":
      return JSON.stringify(discordBody(message, address));
    case "slack":
      return JSON.stringify(slackBody(message, address));
    case "generic":
      return JSON.stringify(genericBody(message, address));
  }
}

function discordBody({ id, atMs, content }: AlertMessage, address: string | null): object {
  const isReport = content.type === "report";
  const text = isReport
    ? fenced(messageLines(content), DISCORD_TEXT_MAX)
    : whole(messageLines(content).map(escapeMarkdown), DISCORD_TEXT_MAX);
  return {
    username: "Fleetkeeper",
    // Whatever a stranger's line holds, nobody is called by it.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(escapeMarkdown(messageTitle(content)), DISCORD_TITLE_MAX),
        description: text,
        color: colourOf(content),
        timestamp: formatInstant(atMs),
        footer: { text: [address, id].filter((part) => part !== null).join(" · ") },
      },
    ],
  };
}

function slackBody({ id, content }: AlertMessage, address: string | null): object {
  const title = messageTitle(content);
  const lines = messageLines(content);
  const text =
    content.type === "report"
      ? { type: "mrkdwn", text: fenced(lines.map(escapeEntities), SLACK_TEXT_MAX), verbatim: true }
      : // Plain text: no mark-up, no mention and no link is made of it.
        { type: "plain_text", text: whole(lines.map(oneLine), SLACK_TEXT_MAX), emoji: false };
  return {
    // For notifications and for receivers that know no blocks.
    text: escapeEntities(title),
    blocks: [
      { type: "header", text: { type: "plain_text", text: cut(title, SLACK_HEADER_MAX), emoji: false } },
      { type: "section", text },
      {
        type: "context",
        elements: [{ type: "plain_text", text: address === null ? id : `${address} · ${id}`, emoji: false }],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Every field is stable: programs read it. */
function genericBody({ id, atMs, content }: AlertMessage, address: string | null): object {
  const head = {
    type: content.type,
    id,
    timestamp: formatInstant(atMs),
    source: address,
    title: messageTitle(content),
  };
  switch (content.type) {
    case "alert":
      return {
        ...head,
        alerts: content.notices.map(({ change, key, kind, fleet, sinceMs, atMs: saidAtMs, lastedMs, summary }) => ({
          change,
          key,
          kind,
          fleet,
          since: formatInstant(sinceMs),
          at: formatInstant(saidAtMs),
          lastedSeconds: lastedMs === null ? null : Math.round(lastedMs / 1000),
          summary,
        })),
      };
    case "report":
      return { ...head, day: content.day, lines: content.lines.slice(0, GENERIC_LINES_MAX) };
    case "test":
      return { ...head, by: content.by };
  }
}

function colourOf(content: AlertMessage["content"]): number {
  if (content.type !== "alert") return GREY;
  return content.notices.every(({ change }) => change === "resolved") ? GREEN : RED;
}

/** Whole lines as far as they fit, and how many did not. */
function whole(lines: readonly string[], max: number): string {
  const kept: string[] = [];
  let length = 0;
  for (const [index, line] of lines.entries()) {
    const rest = `… and ${lines.length - index} more lines`;
    if (length + line.length + 1 + rest.length > max) {
      // One line alone that is too long is cut; it is better than none.
      if (index === 0) kept.push(cut(line, max - rest.length - 1));
      return [...kept, `… and ${lines.length - Math.max(1, index)} more lines`].join("\n");
    }
    kept.push(line);
    length += line.length + 1;
  }
  return kept.join("\n");
}

/** A table keeps its columns in a block of code; nothing in it may end the block. */
function fenced(lines: readonly string[], max: number): string {
  const fence = "```";
  return `${fence}\n${whole(lines.map(withoutFence), max - 2 * fence.length - 2)}\n${fence}`;
}

function withoutFence(line: string): string {
  return line.replaceAll("`", "'");
}

/** At most `max` UTF-16 units, never half a character. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max - 1;
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return `${text.slice(0, isHalf ? end - 1 : end)}…`;
}

/** Discord: a backslash before whatever could be mark-up, a mention or the colon of a link. */
function escapeMarkdown(text: string): string {
  return oneLine(text).replaceAll(/[\\*_~`|>#[\]()<:@-]/g, "\\$&");
}

/** Slack's three control characters. */
function escapeEntities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Without line breaks, other control characters and those that turn the direction of reading. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
