// What all tools share: how they are put on the server, the annotations by which a client knows what to ask its person
// about, and the arguments that many of them take.

import type { CallToolResult, McpServer, ToolAnnotations } from "@modelcontextprotocol/server";
import { z } from "zod";
import { fleetNameProblem } from "../../fleet/label.ts";
import type { Role } from "../door.ts";
import type { AskDoor } from "./ask-door.ts";

export interface ToolTerms {
  readonly server: McpServer;
  readonly ask: AskDoor;
  readonly role: Role;
}

interface Tool<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly run: (ask: AskDoor, input: z.output<Input>) => Promise<CallToolResult>;
}

type Kind = "read" | "write" | "idempotent-write" | "end";

/** Every tool speaks of the market, which others change too. */
const ANNOTATIONS: Readonly<Record<Kind, ToolAnnotations>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  write: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  "idempotent-write": { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  end: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};

/** A viewer's list has only what reads; a write that is called all the same is refused, here and by its door. */
export function addTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  { server, ask, role }: ToolTerms,
  kind: Kind,
  { name, title, description, input, output, run }: Tool<Input, Output>,
): void {
  const annotations = { title, ...ANNOTATIONS[kind] };
  const config = { title, description, inputSchema: input as z.ZodObject, outputSchema: output, annotations };
  const tool = server.registerTool(name, config, (given) => run(ask, given as z.output<Input>));
  if (role !== "admin" && kind !== "read") tool.disable();
}

/** Checked here as well as by the door: ".." in a path is another door. */
export const fleetArgument = z
  .string()
  .refine((name) => fleetNameProblem(name) === null, { error: ({ input }) => fleetNameProblem(String(input)) ?? "" })
  .describe('Name of the fleet, such as "zeb"');
export const slotArgument = z.int().min(0).describe("Slot of the worker, as fleet_status shows it");
export const confirmArgument = z
  .string()
  .optional()
  .describe("The value that the first call answered; leave it out to see what would be ended");

/** Part of a path. */
export function segment(text: string | number): string {
  return encodeURIComponent(text);
}
