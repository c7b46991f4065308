// What a CHECK is given to work with.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { makeCheckDeps } from "../../src/durable/check-deps.ts";
import type { FleetStore } from "../../src/durable/fleet-store.ts";
import type { Env } from "../../src/env.ts";

it("asks for the account's keeper anew each time: a stub whose object has failed stays broken", () => {
  const stubs: object[] = [];
  const getByName = (): object => {
    stubs.push({});
    return stubs.at(-1) ?? {};
  };
  const fake = { ...env, ACCOUNT_KEEPER: { getByName } } as unknown as Env;
  const deps = makeCheckDeps(fake, {} as FleetStore, () => undefined);
  expect([deps.account, deps.account]).toEqual(stubs);
  expect(stubs).toHaveLength(2);
  expect(stubs[0]).not.toBe(stubs[1]);
});
