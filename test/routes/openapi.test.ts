// The document against the app that it is made from. Its answers against real ones: test/system/reference.test.ts.

import { beforeAll, describe, expect, it } from "vitest";
import { chapters } from "../../src/routes/describe.ts";
import { must } from "../support/builders.ts";
import { describedApp, misfits, readReference, type Reference } from "../support/reference.ts";
import { ADMIN, aWorld, VIEWER } from "./fakes.ts";

/** Doors that are no operation of a program, each with its reason. */
const NO_OPERATIONS: readonly string[] = [];

let reference: Reference;
beforeAll(async () => {
  reference = await readReference();
});

function roleOf(may: { isOpen: boolean; mayRead: boolean; mayTry: boolean; mayWrite: boolean }): string {
  if (may.isOpen) return "null";
  if (may.mayRead) return "viewer";
  if (may.mayTry) return "admin-unless-dry-run";
  return may.mayWrite ? "admin" : "nobody";
}

function pathOf(template: string): string {
  return template.replace("{fleet}", "zeb").replaceAll(/\{\w+\}/g, "1");
}

describe("the OpenAPI document", () => {
  it("names every operation of the app, and none that there is not", () => {
    // A middleware stands before all methods, or before all paths below it; `/mcp` speaks a protocol of its own.
    const doors = describedApp.routes.filter(({ method, path }) => method !== "ALL" && !path.endsWith("*"));
    const real = new Set(doors.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`));
    const named = reference.operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(named.toSorted()).toEqual([...real].filter((door) => !NO_OPERATIONS.includes(door)).toSorted());
    expect(named.length).toBeGreaterThanOrEqual(44);
  });

  it("gives each operation an id of its own, a sentence, a chapter and an answer that is none of the refusals", () => {
    const ids = reference.operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, summary, tags, answers } of reference.operations) {
      expect(id).toMatch(/^[a-z]+[A-Z][A-Za-z]+$/);
      expect(`${id}: ${summary}`.length).toBeGreaterThan(id.length + 12);
      expect(Object.keys(chapters)).toContain(must(tags[0]));
      expect(Object.keys(answers).some((status) => /^(2|101$)/.test(status))).toBe(true);
    }
  });

  it("says what each field and parameter of a request is", () => {
    const silent = reference.operations.flatMap(({ id, parameters, body }) => [
      ...parameters
        .filter((parameter) => !("description" in parameter) && !("description" in parameter.schema))
        .map(({ name }) => `${id} ?${name}`),
      ...Object.values(body ?? {}).flatMap((schema) =>
        Object.entries((schema["properties"] ?? {}) as Record<string, object>)
          .filter(([, field]) => !("description" in field))
          .map(([field]) => `${id} ${field}`),
      ),
    ]);
    // A workload's record has a page of its own: docs/workloads.md.
    expect(silent.filter((line) => !line.startsWith("putWorkload ") && line !== "importHosts machineIds")).toEqual([]);
  });

  it("has examples that are what their schema says", () => {
    const shown = Object.entries(reference.schemas).filter(([, { examples }]) => examples !== undefined);
    expect(shown.length).toBeGreaterThan(40);
    for (const [name, schema] of shown)
      for (const example of schema["examples"] as readonly unknown[])
        expect({ name, misfits: misfits(schema, example) }).toEqual({ name, misfits: [] });
  });

  it("says the role that each operation really asks for", async () => {
    const world = aWorld();
    const seen: Record<string, string> = {};
    for (const { id, method, path } of reference.operations) {
      const ask = async (token: string | null, query = ""): Promise<number> =>
        (await world.ask(pathOf(path) + query, { method: method.toUpperCase(), token })).status;
      // A session is opened and closed by whoever comes, and read by whoever has one.
      const isOpen = (await ask(null)) !== 401 || id.endsWith("Session");
      const mayRead = (await ask(VIEWER)) !== 403;
      const mayTry = (await ask(VIEWER, "?dryRun=true")) !== 403;
      const mayWrite = (await ask(ADMIN)) !== 403;
      seen[id] = roleOf({ isOpen, mayRead, mayTry, mayWrite });
    }
    expect(seen).toEqual(Object.fromEntries(reference.operations.map(({ id, role }) => [id, String(role)])));
  });

  it("is served to a viewer and to nobody else; the page that shows it holds nothing", async () => {
    const world = aWorld();
    expect((await world.ask("/openapi.json", { token: null })).status).toBe(401);
    const answer = await world.ask("/openapi.json", { token: VIEWER });
    expect(await answer.json()).toEqual(reference.document);
    const page = await world.ask("/docs", { token: null });
    expect(page.status).toBe(200);
    const policy = page.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    const html = await page.text();
    // No script in the page, and none from elsewhere.
    expect(html.match(/<script[^>]*>/g)).toEqual([
      '<script src="/docs/scalar.js" defer>',
      '<script src="/docs/page.js" defer>',
    ]);
    expect(html).not.toMatch(/https?:/);
  });
});
