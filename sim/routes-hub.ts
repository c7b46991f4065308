/**
 * The Hub over HTTP: who am I, model info, tree, commits, `resolve`, and the commit endpoint with its quota. Status codes
 * and headers are those of huggingface.co; the client library decides by `X-Error-Code`.
 */
import type { Context, Hono } from "hono";
import { gatewayPage, hang } from "./answers.ts";
import { counted } from "./door.ts";
import { findFault, numberValue, takeFault } from "./faults.ts";
import {
  commit,
  commitsLastHour,
  configPath,
  isHidden,
  statePath,
  weightsPath,
  type HubFile,
  type HubRepo,
  type NewFile,
} from "./hub.ts";
import { isObject, objectOf, parseJson, textOf, type Loose } from "./loose-json.ts";
import type { Market } from "./market.ts";
import { drawHex } from "./random.ts";
import type { MarketState } from "./state.ts";

const TREE_ROWS = 1000;
const COMMIT_ROWS = 50;
const FILLER_BYTES = 64;

type Answer = (state: MarketState, c: Context) => Response | Promise<Response>;

export function addHubRoutes(app: Hono, market: Market): void {
  const serve = (method: string, paths: readonly string[], name: string, answer: Answer): void => {
    for (const path of paths) {
      app.on(method, path, (c) =>
        // A HEAD is answered by the route of the GET, without its body.
        counted(market, `${c.req.raw.method} ${name}`, c.req.raw, async (state) => {
          const broken = await generalFault(state, `${c.req.raw.method} ${name}`, c);
          if (broken !== null) return broken;
          const response = await answer(state, c);
          if (method === "POST") market.onChange(false);
          return response;
        }),
      );
    }
  };
  serve("GET", ["/api/whoami-v2"], "/api/whoami-v2", whoAmI);
  serve("GET", ["/api/models/:owner/:repo"], "/api/models/{repo}", withRepo(modelInfo));
  serve("GET", ["/api/models/:owner/:repo/revision/main"], "/api/models/{repo}", withRepo(modelInfo));
  serve(
    "GET",
    ["/api/models/:owner/:repo/tree/main", "/api/models/:owner/:repo/tree/main/:path{.+}"],
    "/api/models/{repo}/tree/main",
    withRepo(tree),
  );
  serve("GET", ["/api/models/:owner/:repo/commits/main"], "/api/models/{repo}/commits/main", withRepo(commits));
  serve("POST", ["/api/models/:owner/:repo/commit/main"], "/api/models/{repo}/commit/main", withRepo(postCommit));
  serve("POST", ["/api/repos/create"], "/api/repos/create", createRepo);
  serve("GET", ["/cdn-lfs/:oid"], "/cdn-lfs/{oid}", largeFile);
  serve("GET", ["/:owner/:repo/resolve/main/:path{.+}"], "/{repo}/resolve/main/{path}", withRepo(resolve));
}

async function generalFault(state: MarketState, route: string, c: Context): Promise<Response | null> {
  const hung = takeFault(state, "hub-hangs", { route });
  if (hung !== null) return hang(c.req.raw, numberValue(hung, 120_000));
  const down = takeFault(state, "hub-down", { route });
  return down === null ? null : gatewayPage(numberValue(down, 503));
}

function hubJson(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
  });
}

function hubError(status: number, code: string | null, message: string): Response {
  const headers = { "X-Error-Message": message, ...(code === null ? {} : { "X-Error-Code": code }) };
  return hubJson({ error: message }, status, headers);
}

/** What the caller may do: no token, a token of a known user, or one that the Hub refuses. */
function access(state: MarketState, c: Context): "none" | "refused" | "read" | "write" {
  const token =
    c.req
      .header("Authorization")
      ?.replace(/^Bearer\s+/i, "")
      .trim() ?? "";
  if (token === "") return "none";
  if (!token.startsWith("hf_") || findFault(state, "token-bad") !== null) return "refused";
  return token.startsWith("hf_read") || findFault(state, "token-read-only") !== null ? "read" : "write";
}

function whoAmI(state: MarketState, c: Context): Response {
  const may = access(state, c);
  if (may === "none") return hubError(401, null, "Invalid username or password.");
  if (may === "refused") return hubError(401, null, "Invalid credentials in Authorization header");
  const permissions = may === "write" ? ["repo.content.read", "repo.write"] : ["repo.content.read"];
  const scoped = [...state.hub.repos.keys()].map((name) => ({
    entity: { _id: drawHex(24, state.settings.seed, "entity", name), type: "model", name },
    permissions,
  }));
  return hubJson({
    type: "user",
    id: drawHex(24, state.settings.seed, "hub-user"),
    name: "jasonyandell",
    fullname: "Jason Yandell",
    email: "ops@example.com",
    emailVerified: true,
    canPay: false,
    periodEnd: null,
    isPro: false,
    avatarUrl: "/avatars/simulated.svg",
    orgs: [],
    auth: {
      type: "access_token",
      accessToken: {
        displayName: "fleet",
        role: "fineGrained",
        createdAt: new Date(state.startedAtMs).toISOString(),
        fineGrained: { canReadGatedRepos: false, global: [], scoped },
      },
    },
  });
}

type RepoAnswer = (state: MarketState, c: Context, repo: HubRepo) => Response | Promise<Response>;

/** A repo that is not there, or not for this caller, is not found: 401 without a good token, 404 with one. */
function withRepo(answer: RepoAnswer): Answer {
  return (state, c) => {
    const id = `${c.req.param("owner")}/${c.req.param("repo")}`;
    const repo = state.hub.repos.get(id);
    const may = access(state, c);
    if (may === "refused") return hubError(401, null, "Invalid credentials in Authorization header");
    if (repo === undefined || (repo.isPrivate && may === "none")) {
      return may === "none"
        ? hubError(401, "RepoNotFound", "Invalid username or password.")
        : hubError(404, "RepoNotFound", "Repository not found");
    }
    if (repo.isGated && c.req.path.includes("/resolve/")) {
      return hubError(403, "GatedRepo", `Access to model ${id} is restricted and you are not in the authorized list.`);
    }
    return answer(state, c, repo);
  };
}

function modelInfo(state: MarketState, _c: Context, repo: HubRepo): Response {
  const head = repo.commits.at(-1);
  return hubJson({
    _id: drawHex(24, state.settings.seed, "repo", repo.id),
    id: repo.id,
    modelId: repo.id,
    author: repo.id.split("/")[0],
    sha: head?.id ?? null,
    lastModified: new Date(head?.atMs ?? repo.createdAtMs).toISOString(),
    createdAt: new Date(repo.createdAtMs).toISOString(),
    private: repo.isPrivate,
    gated: repo.isGated ? "manual" : false,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: ["region:us"],
    siblings: visibleFiles(state, repo).map((file) => ({ rfilename: file.path })),
  });
}

/** The repo's files without those that the fault `weights-missing` hides. */
function visibleFiles(state: MarketState, repo: HubRepo): HubFile[] {
  const hidden = new Set(
    state.hub.learners
      .filter((one) => one.repo === repo.id && isHidden(state, one.weightsName))
      .flatMap((one) => [weightsPath(one.weightsName), configPath(one.weightsName), statePath(one.weightsName)]),
  );
  return [...repo.files.values()].filter((file) => !hidden.has(file.path));
}

function tree(state: MarketState, c: Context, repo: HubRepo): Response {
  const folder = pathOf(c);
  const prefix = folder === "" ? "" : `${folder}/`;
  const isRecursive = c.req.query("recursive") === "true" || c.req.query("recursive") === "1";
  const isExpanded = c.req.query("expand") === "true" || c.req.query("expand") === "1";
  const inside = visibleFiles(state, repo).filter((file) => file.path.startsWith(prefix));
  if (inside.length === 0 && folder !== "") return hubError(404, "EntryNotFound", `${folder} does not exist on "main"`);
  const rows: Record<string, unknown>[] = [];
  const folders = new Set<string>();
  for (const file of inside.sort((left, right) => (left.path < right.path ? -1 : 1))) {
    const rest = file.path.slice(prefix.length);
    const cut = rest.indexOf("/");
    if (cut >= 0) folders.add(prefix + rest.slice(0, cut));
    if (cut < 0 || isRecursive) rows.push(treeRow(repo, file, isExpanded));
  }
  const all = [
    ...[...folders].map((path) => ({
      type: "directory",
      oid: drawHex(40, state.settings.seed, "tree", repo.id, path),
      size: 0,
      path,
    })),
    ...rows,
  ];
  const from = Number(c.req.query("cursor") ?? 0) || 0;
  const limit = Math.min(Number(c.req.query("limit") ?? TREE_ROWS) || TREE_ROWS, TREE_ROWS);
  const shown = all.slice(from, from + limit);
  const url = new URL(c.req.url);
  url.searchParams.set("cursor", String(from + limit));
  return hubJson(shown, 200, all.length > from + limit ? { Link: `<${url.href}>; rel="next"` } : {});
}

function treeRow(repo: HubRepo, file: HubFile, isExpanded: boolean): Record<string, unknown> {
  const lfs = file.isLfs ? { lfs: { oid: file.oid, size: file.sizeBytes, pointerSize: 132 } } : {};
  const title = repo.commits.find((one) => one.id === file.commitId)?.title ?? "";
  const lastCommit = { id: file.commitId, title, date: new Date(file.changedAtMs).toISOString() };
  return {
    type: "file",
    oid: file.oid.slice(0, 40),
    size: file.sizeBytes,
    ...lfs,
    path: file.path,
    ...(isExpanded ? { lastCommit } : {}),
  };
}

function commits(_state: MarketState, c: Context, repo: HubRepo): Response {
  const pageNumber = Number(c.req.query("p") ?? 0) || 0;
  const rows = Math.min(Number(c.req.query("limit") ?? COMMIT_ROWS) || COMMIT_ROWS, 1000);
  const newest = [...repo.commits].reverse();
  const shown = newest.slice(pageNumber * rows, (pageNumber + 1) * rows).map((one) => ({
    id: one.id,
    title: one.title,
    message: "",
    authors: [{ user: one.author, avatar: "/avatars/simulated.svg" }],
    date: new Date(one.atMs).toISOString(),
  }));
  const url = new URL(c.req.url);
  url.searchParams.set("p", String(pageNumber + 1));
  const link = newest.length > (pageNumber + 1) * rows ? { Link: `<${url.href}>; rel="next"` } : {};
  return hubJson(shown, 200, { "X-Total-Count": String(newest.length), ...link });
}

/** `resolve`: small files at once, large ones by a redirect that already tells size and content hash. */
function resolve(state: MarketState, c: Context, repo: HubRepo): Response {
  const path = pathOf(c);
  const file = visibleFiles(state, repo).find((one) => one.path === path);
  const head = repo.commits.at(-1)?.id ?? "";
  if (file === undefined) {
    const message = "Entry not found";
    return new Response(message, {
      status: 404,
      headers: {
        "Content-Type": "text/plain; charset=utf-8",
        "X-Error-Code": "EntryNotFound",
        "X-Error-Message": message,
        "X-Repo-Commit": head,
      },
    });
  }
  if (!file.isLfs) {
    const text = file.text ?? "";
    return new Response(text, {
      headers: {
        "Content-Type": "text/plain; charset=utf-8",
        ETag: `"${file.oid}"`,
        "X-Repo-Commit": head,
        "X-Linked-Size": String(text.length),
      },
    });
  }
  return new Response(`Found. Redirecting to /cdn-lfs/${file.oid}`, {
    status: 302,
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      Location: `${new URL(c.req.url).origin}/cdn-lfs/${file.oid}`,
      "X-Repo-Commit": head,
      "X-Linked-Size": String(file.sizeBytes),
      "X-Linked-Etag": `"${file.oid}"`,
    },
  });
}

/** Known gap: a large file's content is a few filler bytes; only its header tells the size. */
function largeFile(state: MarketState, c: Context): Response {
  const oid = c.req.param("oid");
  const isKnown = [...state.hub.repos.values()].some((repo) =>
    [...repo.files.values()].some((file) => file.oid === oid),
  );
  if (!isKnown) return new Response("Not found", { status: 404 });
  return new Response(new Uint8Array(FILLER_BYTES), {
    headers: { "Content-Type": "application/octet-stream", ETag: `"${oid}"` },
  });
}

/** A commit as NDJSON: a header line, then `file`, `lfsFile` and `deletedFile` lines. */
async function postCommit(state: MarketState, c: Context, repo: HubRepo): Promise<Response> {
  const may = access(state, c);
  if (may !== "write")
    return hubError(
      may === "read" ? 403 : 401,
      null,
      may === "read" ? "You don't have the rights to write" : "Invalid username or password.",
    );
  const lines = (await c.req.text()).split("\n").filter((line) => line.trim() !== "");
  const parts = lines.map(parsePart);
  if (parts.some((part) => part === null)) return hubError(400, null, "Invalid commit payload");
  const put: NewFile[] = [];
  const removed: string[] = [];
  let title = "Upload files";
  for (const part of parts) {
    if (part === null) continue;
    const { key, value } = part;
    const path = textOf(value["path"], "");
    if (key === "header") title = textOf(value["summary"], title);
    if (key === "deletedFile") removed.push(path);
    if (key === "lfsFile") put.push({ path, sizeBytes: Number(value["size"] ?? 0), isLfs: true, text: null });
    if (key === "file") {
      const content = textOf(value["content"], "");
      const text = value["encoding"] === "base64" ? atob(content) : content;
      put.push({ path, sizeBytes: text.length, isLfs: false, text });
    }
  }
  const isOverQuota = takeFault(state, "commit-quota", { repo: repo.id }) !== null;
  const result = isOverQuota ? { kind: "quota" as const } : commit(state, repo.id, title, "jasonyandell", put, removed);
  if (result.kind === "quota") {
    return hubError(429, null, "You have exceeded our hourly quotas for action: commit. We invite you to retry later.");
  }
  const id = result.kind === "done" ? result.id : "";
  return hubJson({
    success: true,
    commitOid: id,
    commitUrl: `https://huggingface.co/${repo.id}/commit/${id}`,
    hookOutput: "",
  });
}

function parsePart(line: string): { key: string; value: Loose } | null {
  const { key, value } = objectOf(parseJson(line));
  return typeof key === "string" && isObject(value) ? { key, value } : null;
}

async function createRepo(state: MarketState, c: Context): Promise<Response> {
  const may = access(state, c);
  if (may !== "write")
    return hubError(
      may === "read" ? 403 : 401,
      null,
      may === "read"
        ? "You don't have the rights to create a model under this namespace"
        : "Invalid username or password.",
    );
  const body = objectOf(parseJson(await c.req.text()));
  const name = textOf(body["name"], "");
  const owner = textOf(body["organization"], "jasonyandell");
  const id = `${owner}/${name}`;
  if (state.hub.repos.has(id))
    return hubJson({ error: "You already created this model repo", url: `https://huggingface.co/${id}` }, 409);
  state.hub.repos.set(id, {
    id,
    isGated: false,
    isPrivate: false,
    createdAtMs: state.nowMs,
    files: new Map(),
    commits: [],
  });
  return hubJson({ url: `https://huggingface.co/${id}`, name: id, id: drawHex(24, state.settings.seed, "repo", id) });
}

function pathOf(c: Context): string {
  return decodeURIComponent(c.req.param("path") ?? "").replace(/\/$/, "");
}

/** For `/sim/state`: commits of the last hour by repo. */
export function hubTruth(state: MarketState): Readonly<Record<string, unknown>> {
  const repos = [...state.hub.repos.values()].map((repo) => [
    repo.id,
    {
      commitsLastHour: commitsLastHour(repo, state.nowMs),
      files: repo.files.size,
      head: repo.commits.at(-1)?.id ?? null,
    },
  ]);
  return {
    commitsRefused: state.hub.commitsRefused,
    commitsPerHourAllowed: state.settings.commitsPerHour,
    repos: Object.fromEntries(repos),
    learners: state.hub.learners.map((one) => ({
      repo: one.repo,
      weightsName: one.weightsName,
      step: one.step,
      totalGames: one.totalGames,
    })),
  };
}
