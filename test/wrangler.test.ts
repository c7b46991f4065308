import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import manifest from "../package.json" with { type: "json" };

interface Settings {
  readonly name: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly durable_objects: { readonly bindings: readonly { readonly name: string }[] };
  readonly d1_databases: readonly {
    readonly binding: string;
    readonly database_name: string;
    readonly migrations_dir: string;
  }[];
  readonly ratelimits: readonly { readonly name: string; readonly namespace_id: string; readonly simple: unknown }[];
  readonly [part: string]: unknown;
}

function settings(env?: string): Settings {
  const where = { config: "wrangler.toml", ...(env === undefined ? {} : { env }) };
  return unstable_readConfig(where, { hideWarnings: true }) as unknown as Settings;
}

const production = settings();
const staging = settings("staging");

describe("the staging environment", () => {
  it("has every binding, trigger, migration and variable of production, because none is inherited", () => {
    const parts = [
      "main",
      "compatibility_date",
      "compatibility_flags",
      "vars",
      "triggers",
      "durable_objects",
      "migrations",
      "observability",
      "assets",
      "rules",
      "limits",
    ] as const;
    for (const part of parts) expect([part, staging[part]]).toEqual([part, production[part]]);
    const names = ({ d1_databases, ratelimits }: Settings) => [
      ...d1_databases.map(({ binding, migrations_dir }) => [binding, migrations_dir]),
      ...ratelimits.map(({ name, simple }) => [name, simple]),
    ];
    expect(names(staging)).toEqual(names(production));
    expect(production.ratelimits).toHaveLength(4);
  });

  it("shares nothing with production: neither name, nor database, nor counters", () => {
    expect(staging.name).toBe("fleetkeeper-staging");
    const own = ({ d1_databases, ratelimits }: Settings): readonly string[] => [
      ...d1_databases.map(({ database_name }) => database_name),
      ...ratelimits.map(({ namespace_id }) => namespace_id),
    ];
    expect(own(staging).filter((id) => own(production).includes(id))).toEqual([]);
    expect(new Set(own(staging)).size).toBe(own(staging).length);
  });
});

describe("the needs of a deploy button", () => {
  const example = readFileSync(".dev.vars.example", "utf8");
  const secrets = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = ""]) => name);

  it("are met: the example names each secret and holds no value", () => {
    expect(secrets).toEqual(expect.arrayContaining(["ADMIN_TOKEN", "VIEWER_TOKEN", "VAST_API_KEY", "HF_TOKEN"]));
    expect(example.match(/^[A-Z_]+=.+$/gm)).toBeNull();
  });

  it("are met: every secret, variable, database and object has words in package.json", () => {
    const described = Object.keys(manifest.cloudflare.bindings);
    const wanted = [
      ...secrets,
      ...Object.keys(production.vars),
      ...production.d1_databases.map(({ binding }) => binding),
      ...production.durable_objects.bindings.map(({ name }) => name),
    ];
    expect(wanted.filter((name) => !described.includes(name))).toEqual([]);
  });
});
