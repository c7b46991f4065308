// HMAC-SHA256 over text: what signs our webhooks and proves others'.

const encoder = new TextEncoder();

export async function hmacSha256(key: Uint8Array, text: string | Uint8Array): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes));
}

/** The key of a secret in Standard Webhooks' form, `whsec_` and base64, or of any other text as it stands. */
export function webhookKey(secret: string): Uint8Array {
  const base64 = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret)?.[1];
  if (base64 === undefined) return encoder.encode(secret);
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return encoder.encode(secret);
  }
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
