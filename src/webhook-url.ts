// Addresses that people give us to post to. Whoever knows one may post to it, so that all of it but the host is a secret; and
// it must not lead a request of ours to where only we can reach (platform reference §6).

import { isLoopbackHost } from "./outbound.ts";

const LENGTH_MAX = 2000;
/** Names that are no public host's. */
const INNER_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|arpa|onion)$/;

/** Why a webhook may not be at this address, in words without any of it; `null` when it may. */
export function webhookUrlProblem(text: string): string | null {
  if (text.length > LENGTH_MAX) return `may have ${LENGTH_MAX} characters`;
  if (!URL.canParse(text)) return "is not a URL";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "may not carry credentials";
  if (isLoopbackHost(url.hostname) && /^https?:$/.test(url.protocol)) return null;
  if (url.protocol !== "https:") return "must be https; http is for this machine alone (127.0.0.1, localhost, [::1])";
  if (url.port !== "") return "must be at the default port";
  if (isAddressLiteral(url.hostname)) return "must name a host, not a number";
  if (!url.hostname.includes(".") || INNER_NAME.test(url.hostname.replace(/\.$/, "")))
    return "must name a host of the public internet";
  return null;
}

/** `URL` has turned every way to write an IPv4 address into four numbers, and IPv6 stands in brackets. */
function isAddressLiteral(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}\.?$/.test(hostname);
}

/** What of the address may be shown: enough to know which service it is. The first label of a deep name may be a token too. */
export function shownWebhookUrl(text: string): string {
  const url = new URL(text);
  if (isLoopbackHost(url.hostname)) return `${url.protocol}//${url.host}/…`;
  const labels = url.hostname.split(".");
  return labels.length <= 3 && (labels[0]?.length ?? 0) <= 12
    ? `https://${url.hostname}/…`
    : `https://….${labels.slice(-2).join(".")}/…`;
}

/** What must never be printed of it: the whole, and what follows the host. */
export function secretsOfWebhookUrl(text: string): readonly string[] {
  if (!URL.canParse(text)) return [text];
  const url = new URL(text);
  const path = `${url.pathname}${url.search}`;
  return [text, url.href, path, ...url.pathname.split("/").filter((part) => part.length >= 20)];
}
