// A browser's session: a signed cookie that stands for one of the deployment's tokens and never holds it. The key comes
// from that token, so that changing or removing the token ends its sessions; nothing is stored (decision 0041).

import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import type { NamedToken, Role } from "../tokens.ts";
import type { DoorEnv } from "./door.ts";

/** From the login on, however much it is used: a stolen cookie cannot be kept alive. */
const SESSION_MS = 7 * 86_400_000;

const COOKIE = "fleetkeeper";
/** Other uses of a token, should there be any, get other keys. */
const PURPOSE = "fleetkeeper session v1";

const payloadSchema = z.strictObject({
  role: z.enum(["admin", "viewer"]),
  name: z.string(),
  expiresAtMs: z.int().positive(),
});
type Payload = z.output<typeof payloadSchema>;

export interface Session {
  readonly role: Role;
  readonly name: string;
  readonly expiresAtMs: number;
}

/** Begins a session for whoever has shown this token. */
export async function openSession(c: Context<DoorEnv>, token: NamedToken, nowMs: number): Promise<Session> {
  const session = { role: token.role, name: token.name, expiresAtMs: nowMs + SESSION_MS };
  const payload = encode(new TextEncoder().encode(JSON.stringify(session satisfies Payload)));
  const signature = await crypto.subtle.sign("HMAC", await keyOf(token), new TextEncoder().encode(payload));
  setCookie(c, COOKIE, `${payload}.${encode(new Uint8Array(signature))}`, {
    prefix: "host",
    path: "/",
    secure: true,
    httpOnly: true,
    sameSite: "Strict",
    maxAge: SESSION_MS / 1000,
  });
  return session;
}

export function closeSession(c: Context<DoorEnv>): void {
  deleteCookie(c, COOKIE, { prefix: "host", path: "/", secure: true, httpOnly: true, sameSite: "Strict" });
}

/**
 * `null`: no cookie, or one that is forged, has expired, or stands for a token that is no longer set or has another role.
 * The name is the one that its token has now. All tokens are tried, so that the time taken tells nothing.
 */
export async function readSession(
  c: Context<DoorEnv>,
  tokens: readonly NamedToken[],
  nowMs: number,
): Promise<Session | null> {
  const [payload, mark, ...rest] = (getCookie(c, COOKIE, "host") ?? "").split(".");
  const signature = decode(mark ?? "");
  if (payload === undefined || signature === null || rest.length > 0) return null;
  const signed = new TextEncoder().encode(payload);
  const matches = await Promise.all(
    tokens.map(async (token) => crypto.subtle.verify("HMAC", await keyOf(token), signature, signed)),
  );
  const token = tokens[matches.indexOf(true)];
  const claims = token === undefined ? null : claimsOf(payload);
  if (token === undefined || claims === null) return null;
  if (claims.role !== token.role || claims.expiresAtMs <= nowMs) return null;
  return { role: token.role, name: token.name, expiresAtMs: claims.expiresAtMs };
}

function claimsOf(payload: string): Payload | null {
  const bytes = decode(payload);
  try {
    return payloadSchema.parse(JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array())));
  } catch {
    return null;
  }
}

async function keyOf({ token }: NamedToken): Promise<CryptoKey> {
  const bytes = new TextEncoder();
  const secret = await crypto.subtle.importKey("raw", bytes.encode(token), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytes.encode(PURPOSE) };
  return crypto.subtle.deriveKey(derivation, secret, { name: "HMAC", hash: "SHA-256", length: 256 }, false, [
    "sign",
    "verify",
  ]);
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function decode(text: string): Uint8Array | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return null;
  }
}
