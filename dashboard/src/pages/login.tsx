// The way in. The token goes to the keeper once; what stays in the browser is a cookie that scripts cannot read.

import { useState } from "preact/hooks";
import { logIn } from "../api/session.ts";
import type { Problem } from "../api/call.ts";
import { Button } from "../ui/parts.tsx";

export function LoginPage({ why }: { readonly why: string | null }) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const answer = await logIn(token.trim());
    setBusy(false);
    if (answer.ok) return;
    setProblem(answer.problem);
    setToken("");
  };
  return (
    <main class="login" id="main">
      <form
        class="login-card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <img src="/favicon.svg" alt="" width="40" height="40" />
        <h1>Fleetkeeper</h1>
        <p class="muted">{why ?? "Your fleets of rented GPUs, at a glance."}</p>
        <label class="field">
          <span>Token</span>
          <input
            type="password"
            name="token"
            autocomplete="current-password"
            required
            autofocus
            value={token}
            aria-describedby={problem === null ? "token-help" : "token-problem"}
            aria-invalid={problem !== null}
            onInput={(event) => setToken(event.currentTarget.value)}
            data-testid="token"
          />
        </label>
        {problem === null ? (
          <p class="help" id="token-help">
            The admin's token steers, a viewer's only looks. <code>npm start</code> prints one; on Cloudflare it is the
            secret <code>ADMIN_TOKEN</code>.
          </p>
        ) : (
          <p class="help tone-bad" id="token-problem" role="alert">
            {problem.status === 401
              ? "That is not a token of this keeper. Copy it whole and try again."
              : problem.detail}
          </p>
        )}
        <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={token.trim() === ""} testId="log-in">
          Log in
        </Button>
      </form>
    </main>
  );
}
