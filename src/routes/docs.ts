// GET /docs: the reference for people. The page is open to everybody and holds nothing; the document that it shows is
// asked for by its script, with the reader's session or token (docs/decisions/0035).

import { Hono } from "hono";
import { describe, plain } from "./describe.ts";
import type { DoorEnv } from "./door.ts";

/** Scalar styles its elements by inline styles and draws icons as data; scripts come from files of this deployment alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The files are made by `npm run build` and served as static assets. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fleetkeeper: the doors</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<form id="ask" hidden>
<h1><label for="token">The reference of this deployment's doors needs a token</label></h1>
<p>A viewer's token will do. It is kept in this page's memory only.</p>
<input id="token" type="password" autocomplete="off" required>
<button>Show</button>
<p role="alert"></p>
</form>
<div id="reference"></div>
<noscript>This page needs its script. The document itself: GET /openapi.json, with a token.</noscript>
<script src="/docs/scalar.js" defer></script>
<script src="/docs/page.js" defer></script>
</body>
</html>
`;

const words = describe("readDocs", {
  chapter: "Service",
  summary: "This document for people, as a page",
  answers: { 200: plain("text/html", "The page") },
});

export const docs = new Hono<DoorEnv>().get("/", words, (c) =>
  c.html(PAGE, 200, {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
  }),
);
