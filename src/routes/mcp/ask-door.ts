// How a tool reaches the fleets: through the HTTP door that a person would use, with the caller's own token. What the door
// validates, allows, confirms and writes into the history therefore holds for a tool too, in one place.

import { z } from "zod";
import { DOCUMENT_AND_TEXT } from "../present.ts";
import type { FieldError } from "../problem.ts";

export interface DoorCall {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** What a door refused with. */
export interface Refused {
  readonly isOk: false;
  readonly status: number;
  readonly problem: Readonly<Record<string, unknown>> & {
    readonly code: string;
    readonly title: string;
    readonly detail: string;
    readonly hint: string;
    readonly errors?: readonly FieldError[] | undefined;
  };
}

export type DoorAnswer<T> = { readonly isOk: true; readonly document: T; readonly text: string } | Refused;

/** `T` is the document of that door, which is ours: it is not parsed anew. */
export type AskDoor = <T extends object>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  call?: DoorCall,
) => Promise<DoorAnswer<T>>;

const problemSchema = z.looseObject({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  hint: z.string(),
});

/** `fetchDoor` is the doors of this very Worker, without a network in between. */
export function doorAsker(request: Request, fetchDoor: (request: Request) => Promise<Response>): AskDoor {
  return async <T extends object>(method: string, path: string, { query = {}, body }: DoorCall = {}) => {
    const url = new URL(path, request.url);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const answer = await fetchDoor(
      new Request(url, {
        method,
        headers: doorHeaders(request.headers),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const json: unknown = await answer.json();
    if (answer.ok) return { isOk: true, ...(json as { document: T; text: string }) };
    return { isOk: false, status: answer.status, problem: problemSchema.parse(json) as Refused["problem"] };
  };
}

const OF_THE_MESSAGE = /^(accept|content-|mcp-|if-|idempotency-|last-event-|transfer-)/;

/** Who asks, and from where, stays as it came; what the message to this door was made of does not. */
function doorHeaders(given: Headers): Headers {
  const headers = new Headers([...given].filter(([name]) => !OF_THE_MESSAGE.test(name)));
  headers.set("Accept", DOCUMENT_AND_TEXT);
  headers.set("Content-Type", "application/json");
  return headers;
}
