// Who is logged in. The token is sent once and then forgotten: what stays is a cookie that no script can read.

import { computed, effect, signal } from "@preact/signals";
import { type Answer, call, refusedSessions } from "./call.ts";
import type { SessionDocument } from "./shapes.ts";

export type SessionState =
  | { readonly kind: "unknown" }
  | { readonly kind: "in"; readonly session: SessionDocument }
  /** `why`: what to say above the form; `null`: a first visit. */
  | { readonly kind: "out"; readonly why: string | null };

export const session = signal<SessionState>({ kind: "unknown" });

export const isLoggedIn = computed(() => session.value.kind === "in");
/** A viewer looks and tries dry runs; buttons that change something are not offered. */
export const mayWrite = computed(() => session.value.kind === "in" && session.value.session.role !== "viewer");

/** That there was a session when this browser was last here. No secret: the cookie itself is out of a script's reach. */
const MARK = "fleetkeeper-was-in";

export function wasLoggedIn(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}

effect(() => {
  const { kind } = session.value;
  try {
    if (kind === "in") localStorage.setItem(MARK, "1");
    if (kind === "out") localStorage.removeItem(MARK);
  } catch {
    // Without storage the first page comes a little later.
  }
});

export async function resumeSession(): Promise<void> {
  const answer = await call<SessionDocument>("/api/session");
  if (answer.ok) {
    session.value = { kind: "in", session: answer.value };
    return;
  }
  const { status, title, detail } = answer.problem;
  session.value = { kind: "out", why: status === 401 ? null : `${title}: ${detail}` };
}

const COOKIE_LOST =
  "The token is right, but this browser did not keep the session's cookie. It is kept over HTTPS, or at http://127.0.0.1 (not by Safari), where cookies are allowed.";

export async function logIn(token: string): Promise<Answer<SessionDocument>> {
  const made = await call<SessionDocument>("/api/session", { method: "POST", body: { token } });
  if (made.ok) await resumeSession();
  // The token was right, and the browser has not kept what was given for it: Safari takes no such cookie without HTTPS.
  if (made.ok && session.value.kind === "out" && session.value.why === null)
    session.value = { kind: "out", why: COOKIE_LOST };
  return made;
}

export async function logOut(): Promise<void> {
  await call("/api/session", { method: "DELETE" });
  session.value = { kind: "out", why: "You are logged out." };
}

/** A refused session ends what is shown: the next person at this screen sees the form. */
effect(() => {
  if (refusedSessions.value === 0 || session.peek().kind !== "in") return;
  session.value = { kind: "out", why: "Your session has ended. Log in again to go on where you were." };
});
