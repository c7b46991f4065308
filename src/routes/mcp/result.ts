// What a tool answers: the door's text for whoever reads along, its document for the program, both of bounded size, since
// all of it is read by a model that pays for each word.

import type { CallToolResult } from "@modelcontextprotocol/server";
import type { DoorAnswer, Refused } from "./ask-door.ts";

/** Some 5,000 words. */
const TEXT_MAX = 16_000;
const DOCUMENT_MAX = 40_000;
/** Lists of a document that is too long are cut to these lengths, one after another. */
const LIST_LENGTHS = [100, 50, 20, 10, 5, 2, 0];

type Document = Readonly<Record<string, unknown>>;

/** A door's answer as it is. */
export function resultOf(answer: DoorAnswer<object>): CallToolResult {
  return answer.isOk ? toolResult(answer.document, answer.text) : refusedResult(answer);
}

export function toolResult(document: object, text: string): CallToolResult {
  return { content: [{ type: "text", text: cutText(text) }], structuredContent: fitted({ ...document }) };
}

/** A refusal, with each field that is to blame. */
export function refusedResult({ status, problem }: Refused): CallToolResult {
  const { title, detail, hint, code, errors = [] } = problem;
  const fields = errors.map(({ field, expected, got }) => {
    const was = got === undefined ? "" : `, got ${got}`;
    return `- ${field}: ${expected}${was}`;
  });
  const text = [`${title} (${code}): ${detail}`, ...fields, `Hint: ${hint}`].join("\n");
  return {
    isError: true,
    content: [{ type: "text", text: cutText(text) }],
    structuredContent: { status, code, detail, hint, ...(errors.length === 0 ? {} : { errors }) },
  };
}

/**
 * A question back, which is no failure: the same tool with `confirm` does it. Any other refusal is one. `shown`: what the
 * value is for, in words.
 */
export function confirmResult(refused: Refused, shown: readonly string[]): CallToolResult {
  const { code, confirm, expiresAt, detail, ...more } = refused.problem;
  if (typeof confirm !== "string" || !code.startsWith("confirm-")) return refusedResult(refused);
  const { fleets = [] } = more;
  const head =
    code === "confirm-required"
      ? "Nothing has been done. This would end:"
      : `Nothing has been done: ${detail}. This would end:`;
  const tail = `To go on, ask the person, then call the tool again with confirm = "${confirm}" by ${String(expiresAt)}.`;
  const document = { needsConfirmation: true, confirm, expiresAt, wouldEnd: fleets, detail };
  return toolResult(document, [head, ...shown, tail].join("\n"));
}

/** The beginning of a text, or with `isEnd` its end, where a log says most. */
export function cutText(text: string, isEnd = false): string {
  if (text.length <= TEXT_MAX) return text;
  const left = `[cut: ${text.length - TEXT_MAX} of ${text.length} characters left out]`;
  return isEnd ? `${left}\n${text.slice(-TEXT_MAX)}` : `${text.slice(0, TEXT_MAX)}\n${left}`;
}

/** The document, its longest lists cut where it is too long; `omitted` says what of which list. */
export function fitted(document: Document): Record<string, unknown> {
  if (JSON.stringify(document).length <= DOCUMENT_MAX) return { ...document };
  let smallest: Record<string, unknown> = {};
  for (const length of LIST_LENGTHS) {
    const omitted: Record<string, number> = {};
    smallest = { ...(shortened(document, length, "", omitted) as Document), omitted };
    if (JSON.stringify(smallest).length <= DOCUMENT_MAX) break;
  }
  return smallest;
}

function shortened(value: unknown, length: number, path: string, omitted: Record<string, number>): unknown {
  if (typeof value === "string") return value.length > 2000 ? `${value.slice(0, 2000)}…` : value;
  if (Array.isArray(value)) {
    if (value.length > length) omitted[path] = (omitted[path] ?? 0) + value.length - length;
    return value.slice(0, length).map((one) => shortened(one, length, `${path}[]`, omitted));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      shortened(part, length, path === "" ? key : `${path}.${key}`, omitted),
    ]),
  );
}
