// What is answered where nothing fits: a path that is a door's under another method says which it has (RFC 9110 §15.5.6),
// any other path leads nowhere.

import { problem, type ProblemResponse } from "./problem.ts";

/** A door as the router knows it; `ALL` is what a middleware stands under. */
interface RoutePath {
  readonly method: string;
  readonly path: string;
}

/** The methods of the doors with this path, in order; empty: no door has it. */
function methodsOf(routes: readonly RoutePath[], path: string): readonly string[] {
  const steps = path.split("/");
  const methods = routes
    .filter(({ method, path: pattern }) => method !== "ALL" && fits(pattern.split("/"), steps))
    .map(({ method }) => method);
  return [...new Set(methods)].toSorted();
}

export function noSuchDoor(routes: readonly RoutePath[], method: string, path: string): ProblemResponse {
  const methods = methodsOf(routes, path);
  if (methods.length === 0 || methods.includes(method))
    return problem({
      code: "no-such-door",
      detail: "no door has this path",
      hint: "GET /openapi.json lists the doors, and so does the README",
    });
  const Allow = methods.join(", ");
  const detail = `this path does not take ${method}`;
  return problem({ code: "method-not-allowed", detail, hint: `it takes ${Allow}`, headers: { Allow } });
}

/** A step that begins with a colon stands for any one. */
function fits(pattern: readonly string[], steps: readonly string[]): boolean {
  return (
    pattern.length === steps.length &&
    pattern.every((step, index) => (step.startsWith(":") ? steps[index] !== "" : step === steps[index]))
  );
}
