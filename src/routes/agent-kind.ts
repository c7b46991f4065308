// What kind of program asks, from what it says of itself: enough to tell a person's browser from a script in the history.
// The whole line is not kept; it says more of a person than the history needs.

export type AgentKind = "browser" | "fleet" | "curl" | "mcp" | "script" | "none";

const kinds: readonly (readonly [RegExp, AgentKind])[] = [
  [/^fleet(?:keeper)?[/-]/i, "fleet"],
  [/^curl\//i, "curl"],
  [/\bmcp\b/i, "mcp"],
  [/^Mozilla\//, "browser"],
];

export function agentKind(userAgent: string | undefined): AgentKind {
  if (userAgent === undefined || userAgent.trim() === "") return "none";
  return kinds.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "script";
}
