// Whose key it is and what credit is left: asked rarely, kept, and bound to the first account that answers.

import type { AccountView } from "../fleet/situation.ts";
import type { Result } from "../fleet/result.ts";
import { type Account, describeFailure, type VastClient, type VastFailure } from "../vast/client.ts";
import type { AccountStore } from "./account-store.ts";
import { judgeCredit } from "./credit-watch.ts";

/** The account is read again after this long: credit falls, and a key can be exchanged. */
const ACCOUNT_READ_MS = 15 * 60_000;

export interface AccountReaderDeps {
  readonly store: AccountStore;
  readonly vast: Pick<VastClient, "account">;
  readonly apiKey: () => string;
}

export type AccountReading = AccountView & {
  readonly accountId: number | null;
  readonly isFresh: boolean;
  readonly failure: string | null;
};

export interface AccountReader {
  readonly ask: () => Promise<Result<Account, VastFailure>>;
  /** Reads the account now. Binds this deployment to the first account that answers. */
  readonly read: () => Promise<AccountReading>;
  /** The account behind the key, read again when the key changes or the reading is old. */
  readonly known: () => Promise<{ ok: true; accountId: number } | { ok: false; reason: string }>;
  /** What is known without asking. `readAtMs` counts only answers of the bound account. */
  readonly view: () => AccountView;
}

export function createAccountReader({ store, vast, apiKey }: AccountReaderDeps): AccountReader {
  const view = (): AccountView => {
    const known = store.account();
    const isOurs = known !== null && known.accountId === store.accountId();
    return {
      creditUsd: known?.creditUsd ?? null,
      readAtMs: isOurs ? known.readAtMs : null,
      creditWait: store.creditWait(),
    };
  };

  const ask = async (): Promise<Result<Account, VastFailure>> => {
    const askedAtMs = Date.now();
    const answer = await vast.account();
    if (!answer.ok) return answer;
    const { accountId, creditUsd } = answer.value;
    store.setAccount({ accountId, creditUsd, readAtMs: askedAtMs, keyMark: await markOf(apiKey()) });
    if (accountId === store.accountId()) judgeCredit(store, Date.now());
    return answer;
  };

  const read = async (): Promise<AccountReading> => {
    const answer = await ask();
    if (!answer.ok)
      return { ...view(), accountId: store.accountId(), isFresh: false, failure: describeFailure(answer.error) };
    return { ...view(), accountId: answer.value.accountId, isFresh: true, failure: null };
  };

  const known = async (): Promise<{ ok: true; accountId: number } | { ok: false; reason: string }> => {
    const last = store.account();
    const keyMark = await markOf(apiKey());
    // A foreign account is asked for anew at each sweep: it may have been the market's mistake.
    const isOurs = last !== null && last.accountId === store.accountId();
    if (isOurs && last.keyMark === keyMark && Date.now() - last.readAtMs < ACCOUNT_READ_MS)
      return { ok: true, accountId: last.accountId };
    const answer = await read();
    if (answer.readAtMs !== null && answer.isFresh) return { ok: true, accountId: answer.accountId ?? 0 };
    // An account that was read with this very key before is still its account while the route does not answer.
    if (last !== null && last.keyMark === keyMark) return { ok: true, accountId: last.accountId };
    return { ok: false, reason: `the account does not answer: ${answer.failure ?? "no answer"}` };
  };

  return { ask, read, known, view };
}

/** Tells one key from another without keeping either. */
async function markOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
