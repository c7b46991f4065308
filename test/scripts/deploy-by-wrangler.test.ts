// What `npm run deploy` understands of the words of the wrangler that is installed: it asks an API on loopback, which answers
// as Cloudflare does for an account on which nothing has been deployed.

import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { afterEach, expect, it } from "vitest";

/** Cloudflare's answers, by the end of the path; what is not here is refused. */
const NO_WORKER = { status: 404, code: 10_007, message: "This Worker does not exist on your account." };
const REFUSED = { status: 403, code: 10_000, message: "Authentication error" };

let api: Server;

afterEach(() => {
  api.close();
});

async function anApi(): Promise<string> {
  api = createServer(({ url }, response) => {
    const { status, code, message } = url?.endsWith("/secrets") === true ? NO_WORKER : REFUSED;
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ success: false, result: null, messages: [], errors: [{ code, message }] }));
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(api.address() as AddressInfo).port}/client/v4`;
}

it("knows a Worker that was never deployed, and tells why the database cannot be looked at", async () => {
  const environment = {
    ...process.env,
    PATH: `${join("node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    CLOUDFLARE_API_BASE_URL: await anApi(),
    CLOUDFLARE_API_TOKEN: "token-of-nobody",
    CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
  };
  const text = await new Promise<string>((resolve) => {
    execFile(process.execPath, ["scripts/deploy.ts"], { env: environment }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  expect(text).toContain("production has not been deployed before");
  expect(text).toMatch(/The database cannot be looked at: \S+ \[ERROR\] .*Authentication error/);
  expect(text).toContain("nothing has been deployed");
});
