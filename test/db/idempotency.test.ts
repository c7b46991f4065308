import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { idempotencyAnswer, idempotencyClaim, idempotencyRelease, type KeyClaim } from "../../src/db/idempotency.ts";
import { DAY, NOW } from "./builders.ts";

const answer = { status: 202, headers: { "content-type": "application/json" }, body: "{}" };

function aClaim(claim: Partial<KeyClaim> & Pick<KeyClaim, "key" | "claimId">): KeyClaim {
  return { owner: "admin", fingerprint: "f1", claimedAtMs: NOW, expiresAtMs: NOW + DAY, ...claim };
}

describe("the key of a POST", () => {
  it("belongs to the first who claims it, until it expires", async () => {
    const first = aClaim({ key: "one", claimId: "first" });
    const second = aClaim({ key: "one", claimId: "second", claimedAtMs: NOW + DAY - 1 });
    const third = aClaim({ key: "one", claimId: "third", claimedAtMs: NOW + DAY });
    expect((await idempotencyClaim(env.DB, first)).claimId).toBe("first");
    expect((await idempotencyClaim(env.DB, second)).claimId).toBe("first");
    expect((await idempotencyClaim(env.DB, third)).claimId).toBe("third");
  });

  it("has one holder per token", async () => {
    await idempotencyClaim(env.DB, aClaim({ key: "roles", claimId: "a" }));
    expect((await idempotencyClaim(env.DB, aClaim({ key: "roles", claimId: "b", owner: "viewer" }))).claimId).toBe("b");
  });

  it("keeps the answer of its holder and of nobody else", async () => {
    const holder = aClaim({ key: "kept", claimId: "holder" });
    await idempotencyClaim(env.DB, holder);
    await idempotencyAnswer(env.DB, { ...holder, claimId: "stranger" }, { ...answer, body: "forged" });
    expect((await idempotencyClaim(env.DB, holder)).answer).toBeNull();
    await idempotencyAnswer(env.DB, holder, answer);
    expect((await idempotencyClaim(env.DB, aClaim({ key: "kept", claimId: "later" }))).answer).toEqual(answer);
  });

  it("is free again after a refusal, but never after an answer", async () => {
    const refused = aClaim({ key: "free", claimId: "refused" });
    await idempotencyClaim(env.DB, refused);
    await idempotencyRelease(env.DB, refused);
    const next = aClaim({ key: "free", claimId: "next" });
    expect((await idempotencyClaim(env.DB, next)).claimId).toBe("next");
    await idempotencyAnswer(env.DB, next, answer);
    await idempotencyRelease(env.DB, next);
    expect((await idempotencyClaim(env.DB, aClaim({ key: "free", claimId: "late" }))).claimId).toBe("next");
  });
});
