// The dashboard and the alert rules in `docs/` ask for nothing that `/metrics` does not have.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NO_COUNTERS } from "../../src/fleet/counters.ts";
import { destroyCauses, fleetStates } from "../../src/fleet/plan.ts";
import { type Measured, metricFamilies } from "../../src/routes/metric-families.ts";
import { formatMetrics, sampleName } from "../../src/routes/metric-text.ts";
import { readOpenMetrics } from "../support/open-metrics.ts";
import { hasPromtool, promtoolComplaints } from "../support/promtool.ts";

const RULES = "docs/prometheus/rules.yml";
const DASHBOARD = "docs/grafana/fleetkeeper.json";

/** A keeper of which everything is known. */
const everything: Measured = {
  fleets: [
    {
      name: "zeb",
      mode: "active",
      state: "steady",
      preset: "zeb",
      workload: "zeb",
      weightsName: "zeb-557k-1m",
      target: 4,
      live: 4,
      producing: 3,
      intents: 1,
      debts: 2,
      groups: [{ gpu: "RTX 3070", verdict: "producing", workers: 4, gamesPerSecond: 9.6, usdPerHour: 0.3 }],
      maxPriceUsdPerHour: 0.09,
      checks: 12,
      lastCheckAtMs: 1,
      checkMs: 2,
      nowMs: 3,
      hostsBlocked: 0,
      spentUsd: 1.5,
      counters: { ...NO_COUNTERS, calls: { rent: { "2xx": 4 } } },
    },
  ],
  silent: [],
  omitted: 0,
  account: {
    fleets: ["zeb"],
    creditUsd: 25,
    hoursLeft: 50,
    usdPerHour: 0.5,
    isWaitingForCredit: false,
    strays: { strays: 0, usdPerHour: 0 },
    listAgeMs: 1000,
    calls: { list: { "2xx": 45, lost: 1 } },
  },
};

const families = metricFamilies(everything);
const names = new Set(families.map(sampleName));

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly {
    readonly expr: string;
    readonly refId: string;
    readonly datasource: { readonly uid: string };
  }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

function metricsIn(text: string): readonly string[] {
  return [...text.matchAll(/\bfleetkeeper_[a-z_]+/g)].map(([name]) => name);
}

describe("/metrics", () => {
  it("has a sample, a help and a unit that fits for every family when everything is known", () => {
    for (const { name, samples, help, unit } of families) {
      expect([name, samples.length > 0, help.length > 10]).toEqual([name, true, true]);
      expect([name, unit === undefined || name.endsWith(`_${unit}`)]).toEqual([name, true]);
    }
    expect(readOpenMetrics(formatMetrics(families, "openmetrics")).length).toBeGreaterThan(60);
  });

  it("has no label whose values grow with time, and none that names a box or a machine", () => {
    const labels = new Set(families.flatMap(({ samples }) => samples.flatMap((sample) => Object.keys(sample.labels))));
    expect([...labels].toSorted()).toEqual(
      ["class", "fleet", "gpu", "mode", "outcome", "preset", "reason", "route", "state", "status", "verdict"].concat(
        "weights_name",
        "workload",
      ),
    );
    const reasons = families.find(({ name }) => name === "fleetkeeper_destroys")?.samples;
    expect(reasons?.map((sample) => sample.labels["reason"])).toEqual([...destroyCauses]);
  });

  it.runIf(hasPromtool)("pleases promtool", () => {
    expect(promtoolComplaints(["check", "metrics"], formatMetrics(families, "prometheus"))).toBe("");
    // It does find fault: a counter without its suffix.
    expect(promtoolComplaints(["check", "metrics"], "# HELP a_total x\n# TYPE a_total gauge\na_total 1\n")).not.toBe(
      "",
    );
  });
});

describe("the Grafana dashboard", () => {
  const dashboard = JSON.parse(readFileSync(DASHBOARD, "utf8")) as Dashboard;
  const expressions = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...dashboard.annotations.list.flatMap(({ expr }) => expr),
  ];

  it("asks only for metrics that there are, and for most of those that there are", () => {
    const used = new Set(expressions.flatMap(metricsIn));
    expect([...used].filter((name) => !names.has(name))).toEqual([]);
    expect(used.size).toBeGreaterThan(25);
  });

  it.runIf(hasPromtool)("asks in expressions that Prometheus can read", () => {
    const rules = expressions.map((expr, index) => {
      const plain = expr.replaceAll("$__rate_interval", "5m").replaceAll("$fleet", "zeb");
      return `  - record: dashboard:panel${index}\n    expr: ${JSON.stringify(plain)}\n`;
    });
    const path = join(mkdtempSync(join(tmpdir(), "fleetkeeper-")), "panels.yml");
    writeFileSync(path, `groups:\n- name: panels\n  rules:\n${rules.join("")}`);
    expect(promtoolComplaints(["check", "rules", path])).toBe("");
  });

  it("is of the data source and the fleets that are chosen", () => {
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ["datasource", "datasource"],
      ["fleet", "query"],
    ]);
    for (const { datasource, targets } of dashboard.panels)
      expect(new Set([datasource, ...targets.map((target) => target.datasource)].map(({ uid }) => uid))).toEqual(
        new Set(["${datasource}"]),
      );
    const ofFleets = new Set(
      families.flatMap((one) => (one.samples.every(({ labels }) => "fleet" in labels) ? [sampleName(one)] : [])),
    );
    const unfiltered = expressions.flatMap((expr) =>
      [...expr.matchAll(/\b(fleetkeeper_[a-z_]+)(\{[^}]*\})?/g)].flatMap(([, name = "", selector = ""]) =>
        ofFleets.has(name) && !selector.includes('fleet=~"$fleet"') ? [name] : [],
      ),
    );
    expect(unfiltered).toEqual([]);
  });

  it("has a place of its own for every panel, and every state in its words", () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
    const overlaps = panels.flatMap((a, index) =>
      panels.slice(index + 1).filter(({ gridPos: b }) => {
        const { x, y, w, h } = a.gridPos;
        return x < b.x + b.w && b.x < x + w && y < b.y + b.h && b.y < y + h;
      }),
    );
    expect(overlaps.map(({ title }) => title)).toEqual([]);
    const timeline = JSON.stringify(panels.find(({ type }) => type === "state-timeline"));
    for (const state of fleetStates) expect(timeline).toContain(`"text":"${state}"`);
  });
});

describe("the alert rules", () => {
  const text = readFileSync(RULES, "utf8");

  it("ask only for metrics and states that there are", () => {
    expect(metricsIn(text).filter((name) => !names.has(name))).toEqual([]);
    const states = [...text.matchAll(/state=~?"([^"]+)"/g)].flatMap(([, list = ""]) => list.split("|"));
    expect(states.filter((state) => !fleetStates.some((known) => known === state))).toEqual([]);
  });

  it.runIf(hasPromtool)("please promtool", () => {
    expect(promtoolComplaints(["check", "rules", RULES])).toBe("");
  });
});
