// /mcp: the doors as tools for an AI assistant, by streamable HTTP and without sessions: each message stands for itself and
// brings its token, like every other request here.

import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { type Context, Hono } from "hono";
import { logEvent } from "../../log.ts";
import type { DoorEnv, Role } from "../door.ts";
import { type AskDoor, doorAsker } from "./ask-door.ts";
import { addEndTools } from "./end-tools.ts";
import { addPrompts, INSTRUCTIONS, VIEWER_INSTRUCTIONS } from "./prompt.ts";
import { addReadTools } from "./read-tools.ts";
import { addSpecTools } from "./spec-tools.ts";
import { addWhyTool } from "./why-tool.ts";
import { addWriteTools } from "./write-tools.ts";

/** As for every body (`limitBody`). */
const MESSAGE_BYTES_MAX = 64 * 1024;

/** `fetchDoor`: the same Worker's doors. */
export function createMcp(fetchDoor: (c: Context<DoorEnv>, request: Request) => Promise<Response>) {
  return new Hono<DoorEnv>().all("/", (c) => {
    const ask = doorAsker(c.req.raw, (request) => fetchDoor(c, request));
    const { fetch } = createMcpHandler(() => createServer(ask, c.get("role")), {
      // Nothing here tells of changes by itself: a client that would wait for news is told so at once.
      maxSubscriptions: 0,
      maxRequestBodySize: MESSAGE_BYTES_MAX,
      onerror: (error) => logEvent({ event: "mcp.refused", outcome: "failed", detail: error.message.slice(0, 300) }),
    });
    return fetch(c.req.raw);
  });
}

function createServer(ask: AskDoor, role: Role): McpServer {
  const instructions = role === "admin" ? INSTRUCTIONS : VIEWER_INSTRUCTIONS;
  const server = new McpServer({ name: "fleetkeeper", title: "Fleetkeeper", version: "0.1.0" }, { instructions });
  const terms = { server, ask, role };
  addReadTools(terms);
  addWhyTool(terms);
  addSpecTools(terms);
  addWriteTools(terms);
  addEndTools(terms);
  addPrompts(server);
  return server;
}
