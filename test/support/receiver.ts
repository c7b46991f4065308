// A receiver of webhooks behind the keeper's own `fetch`: keeps what it was sent and answers what it is told to. Everything
// else goes on to the simulated market.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { AlertChange, AlertKind } from "../../src/fleet/alert.ts";
import { accountObject, fleetObject } from "./world.ts";

export const RECEIVER_URL = "https://alerts.test-receiver.org/in/a-token-that-nobody-may-see";
export const RECEIVER_SECRET = "a-signing-secret-for-tests";

export interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
  readonly atMs: number;
}

interface GenericAlert {
  readonly change: AlertChange;
  readonly kind: AlertKind;
  readonly fleet: string | null;
  readonly lastedSeconds: number | null;
  readonly summary: string;
}

interface GenericBody {
  readonly type: "alert" | "report" | "test";
  readonly id: string;
  readonly alerts?: readonly GenericAlert[];
}

export interface Receiver {
  readonly sent: Sent[];
  /** What it answers; 204 where nothing is said. */
  answers: (attempt: number) => Response | Promise<Response>;
  /** Each message's alerts in short: `firing blind zeb`. Reports and trials are left out. */
  stories(): readonly (readonly string[])[];
}

/** Listens at every host of this domain. */
export function listen(domain = "test-receiver.org"): Receiver {
  const real = globalThis.fetch;
  const receiver: Receiver = {
    sent: [],
    answers: () => new Response(null, { status: 204 }),
    stories: () =>
      receiver.sent.flatMap(({ text }) => {
        const { alerts } = JSON.parse(text) as GenericBody;
        return alerts === undefined ? [] : [alerts.map(storyOf)];
      }),
  };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!new URL(url).hostname.endsWith(domain)) return real(input, init);
    receiver.sent.push({
      url,
      headers: new Headers(init?.headers),
      text: typeof init?.body === "string" ? init.body : "",
      atMs: Date.now(),
    });
    return receiver.answers(receiver.sent.length);
  });
  return receiver;
}

function storyOf({ change, kind, fleet }: GenericAlert): string {
  return `${change} ${kind} ${fleet ?? "account"}`;
}

/** Gives the deployment a receiver, before any object of it was used. */
export async function setReceiver(
  fleets: readonly string[],
  secrets: Record<string, string> = { ALERT_WEBHOOK_URL: RECEIVER_URL, ALERT_WEBHOOK_SECRET: RECEIVER_SECRET },
): Promise<void> {
  const withReceiver = { ...env, ...secrets };
  for (const stub of [accountObject(), ...fleets.map(fleetObject)]) {
    await runInDurableObject(stub, (object: DurableObject) => {
      Object.defineProperty(object, "env", { value: withReceiver });
    });
  }
}
