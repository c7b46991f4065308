import { expect, it } from "vitest";
import { agentKind } from "../../src/routes/agent-kind.ts";

it.each([
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15", "browser"],
  ["curl/8.16.0", "curl"],
  ["fleet/0.1", "fleet"],
  ["some-mcp-client/2.4", "mcp"],
  ["acme mcp client", "mcp"],
  ["node", "script"],
  ["python-requests/2.33", "script"],
  ["", "none"],
  [undefined, "none"],
])("calls %s a %s", (userAgent, kind) => {
  expect(agentKind(userAgent)).toBe(kind);
});
