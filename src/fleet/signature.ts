// The signature of an error line: what is left when everything is taken out that differs from machine to machine.
// Two machines with the same fault give the same text, which is what the breaker counts (design §4, rule 13).

import { keptText, maskTokens } from "./log-text.ts";

/** Longest part of a line that counts. */
const INPUT_LIMIT = 1000;

/** Stands for the word OPENING in the parts below: at the beginning, after a blank, or after an opening sign. */
const OPENING = /(?<![^\s([{:=,;])/;
/** The first alternative that fits wins; what is in no named group is a number. */
const VARYING = new RegExp(
  [
    // HTTP statuses and errno tell faults apart, so they stay.
    /(?<kept>OPENING(?:HTTP|\[?Errno) \d{1,3}(?!\d))/,
    /(?<status>OPENING'?[45]\d\d (?:Client Error|Server Error|Not Found|Unauthorized|Forbidden|Too Many Requests|Precondition Failed)'?)/,
    /(?<id>\(Request ID: [^()]*\))/,
    /(?<url>https?:\/\/[^\s'"<>()`]+)/,
    /(?<text>OPENING(?:'[^']*'|"[^"]*"|`[^`]*`))/,
    /(?<path>OPENING(?:~|\.{1,2})?(?:\/[\w.@+~=-]+)+\/?)/,
    // A hexadecimal number may happen to have no letter, so it counts as a number.
    /OPENING(?:0x[0-9a-fA-F]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,})(?![\w<])/,
    /\d+(?:[.,]\d+)*/,
  ]
    .map((part) => part.source.replace("OPENING", OPENING.source))
    .join("|"),
  "g",
);

/**
 * The line without paths, numbers, ids, addresses and quoted text; at most 200 characters. Empty for a blank line. A
 * signature is its own signature: replacing is repeated until nothing changes, which is mostly at once, and always
 * soon, because each round leaves less of the line.
 */
export function signatureOf(line: string): string {
  let text = withoutVarying(maskTokens(line.slice(0, INPUT_LIMIT)).replaceAll(/\s+/g, " "));
  for (;;) {
    const next = withoutVarying(text);
    if (next === text) return text;
    text = next;
  }
}

function withoutVarying(text: string): string {
  return keptText(text.replaceAll(VARYING, replacement));
}

/** `groups` is the last argument that a replacer is given. */
function replacement(match: string, ...rest: readonly unknown[]): string {
  const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
  if (groups["kept"] !== undefined) return match;
  if (groups["status"] !== undefined) return match.replaceAll("'", "");
  const name = ["id", "url", "text", "path"].find((each) => groups[each] !== undefined);
  return name === undefined ? "<n>" : `<${name}>`;
}
