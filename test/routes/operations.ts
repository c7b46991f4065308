// Every operation that the app has, who may do it, and a request that the fakes' world can answer. A door that is not
// here fails every-door.test.ts, and so does a row without a door.

export interface Operation {
  /** `open`: needs nobody; what it shows or does must then be for everybody, or proven in another way. */
  readonly role: "open" | "viewer" | "admin";
  /** As the route says it. */
  readonly route: string;
  readonly path?: string;
  /** Of a route that takes every method. */
  readonly method?: string;
  readonly body?: unknown;
  /** What a viewer who may is answered, where it is not 200, such as 426 by a door that takes sockets alone. */
  readonly answers?: number;
}

const spec = { target: 4 };

export const operations: readonly Operation[] = [
  { role: "open", route: "GET /healthz" },
  { role: "open", route: "GET /docs" },
  { role: "viewer", route: "GET /openapi.json" },
  // Logging in is how one becomes somebody; logging out takes the browser's cookie and nothing else.
  { role: "open", route: "POST /api/session", body: { token: "admin-token-for-tests" } },
  { role: "open", route: "DELETE /api/session" },
  // Vast signs what it sends; here no secret is set, so that nothing is taken.
  { role: "open", route: "POST /hooks/vast", answers: 503 },
  { role: "viewer", route: "ALL /mcp", method: "GET", answers: 405 },
  { role: "viewer", route: "GET /api/session" },
  { role: "viewer", route: "GET /metrics" },
  { role: "viewer", route: "GET /api/status" },
  { role: "viewer", route: "GET /api/cost" },
  { role: "viewer", route: "GET /api/cost/days" },
  { role: "viewer", route: "GET /api/series" },
  { role: "viewer", route: "GET /api/fleets" },
  { role: "viewer", route: "GET /api/fleets/:fleet", path: "/api/fleets/zeb" },
  { role: "viewer", route: "GET /api/fleets/:fleet/live", path: "/api/fleets/zeb/live", answers: 426 },
  // D1 has no copy of the fakes' fleet.
  { role: "viewer", route: "GET /api/fleets/:fleet/series", path: "/api/fleets/zeb/series", answers: 404 },
  { role: "admin", route: "PUT /api/fleets/:fleet", path: "/api/fleets/zeb", body: spec },
  { role: "admin", route: "PATCH /api/fleets/:fleet", path: "/api/fleets/zeb", body: spec },
  { role: "admin", route: "DELETE /api/fleets/:fleet", path: "/api/fleets/zeb" },
  { role: "admin", route: "POST /api/fleets/:fleet/up", path: "/api/fleets/zeb/up", body: { count: 4 } },
  { role: "admin", route: "POST /api/fleets/:fleet/replenish", path: "/api/fleets/zeb/replenish", body: { count: 4 } },
  { role: "admin", route: "POST /api/fleets/:fleet/pause", path: "/api/fleets/zeb/pause" },
  { role: "admin", route: "POST /api/fleets/:fleet/resume", path: "/api/fleets/zeb/resume" },
  { role: "admin", route: "POST /api/fleets/:fleet/breaker/close", path: "/api/fleets/zeb/breaker/close" },
  { role: "admin", route: "POST /api/fleets/:fleet/check", path: "/api/fleets/zeb/check" },
  { role: "admin", route: "POST /api/fleets/:fleet/down", path: "/api/fleets/zeb/down", body: { force: true } },
  { role: "admin", route: "POST /api/fleets/:fleet/workers/:slot/replace", path: "/api/fleets/zeb/workers/0/replace" },
  { role: "viewer", route: "GET /api/fleets/:fleet/workers/:slot/ssh", path: "/api/fleets/zeb/workers/0/ssh" },
  { role: "admin", route: "POST /api/down", body: { prefix: "zeb", force: true } },
  { role: "viewer", route: "GET /api/instances" },
  { role: "viewer", route: "GET /api/instances/:id/logs", path: "/api/instances/87654321/logs" },
  { role: "viewer", route: "GET /api/instances/:id/ssh", path: "/api/instances/87654321/ssh" },
  { role: "admin", route: "DELETE /api/instances/:id", path: "/api/instances/87654321" },
  { role: "viewer", route: "GET /api/strays" },
  { role: "admin", route: "POST /api/strays/:id/adopt", path: "/api/strays/5/adopt", body: { fleet: "zeb" } },
  { role: "admin", route: "POST /api/strays/:id/destroy", path: "/api/strays/5/destroy", body: { force: true } },
  { role: "admin", route: "POST /api/strays/:id/ignore", path: "/api/strays/5/ignore" },
  { role: "admin", route: "DELETE /api/strays/:id/ignore", path: "/api/strays/5/ignore" },
  { role: "viewer", route: "GET /api/events" },
  { role: "viewer", route: "GET /api/checks" },
  { role: "viewer", route: "GET /api/hosts" },
  { role: "viewer", route: "GET /api/hosts/:machineId", path: "/api/hosts/4411" },
  { role: "admin", route: "PUT /api/hosts/:machineId/block", path: "/api/hosts/4411/block" },
  { role: "admin", route: "DELETE /api/hosts/:machineId/block", path: "/api/hosts/4411/block" },
  { role: "admin", route: "POST /api/hosts/import", body: { machineIds: [4411] } },
  { role: "viewer", route: "GET /api/stats/gpus" },
  { role: "viewer", route: "GET /api/offers" },
  { role: "viewer", route: "GET /api/reports/daily" },
  { role: "viewer", route: "GET /api/presets" },
  { role: "viewer", route: "GET /api/alerts" },
  { role: "admin", route: "POST /api/alerts/test" },
  { role: "viewer", route: "GET /api/fleets/:fleet/alerts", path: "/api/fleets/zeb/alerts" },
  {
    role: "admin",
    route: "PUT /api/fleets/:fleet/alerts",
    path: "/api/fleets/zeb/alerts",
    body: { url: "https://hooks.example.com/zeb" },
  },
  { role: "admin", route: "DELETE /api/fleets/:fleet/alerts", path: "/api/fleets/zeb/alerts" },
  { role: "viewer", route: "GET /api/workloads" },
  { role: "viewer", route: "GET /api/workloads/:workload", path: "/api/workloads/zeb" },
  // Built in, so that it is refused with 409 to whoever may.
  { role: "admin", route: "PUT /api/workloads/:workload", path: "/api/workloads/zeb" },
  { role: "admin", route: "DELETE /api/workloads/:workload", path: "/api/workloads/zeb" },
];

/** What an operation becomes with `?dryRun=true`: a read. */
export const dryRuns: readonly string[] = [
  "PUT /api/fleets/:fleet",
  "PATCH /api/fleets/:fleet",
  "POST /api/fleets/:fleet/check",
  "PUT /api/workloads/:workload",
];
