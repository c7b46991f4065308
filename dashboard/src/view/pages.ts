// Which page an address means. Whatever it is not sure of is a page of its own, so that a wrong link says so.

export type Page =
  | { readonly kind: "fleets" }
  | { readonly kind: "fleet"; readonly fleet: string }
  | { readonly kind: "logs"; readonly instanceId: number }
  | { readonly kind: "market" | "hosts" | "stats" | "cost" | "history" | "strays" | "events" }
  | { readonly kind: "lost" };

const plain = ["market", "hosts", "stats", "cost", "history", "strays", "events"] as const;

export function readPage(path: string): Page {
  const parts = path.split("/").filter((part) => part !== "");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length === 0 || (first === "fleets" && parts.length === 1)) return { kind: "fleets" };
  if (first === "fleets" && parts.length === 2) return { kind: "fleet", fleet: decode(second) };
  if (first === "instances" && third === "logs" && /^[1-9]\d{0,14}$/.test(second))
    return { kind: "logs", instanceId: Number(second) };
  const kind = plain.find((name) => name === first);
  return kind !== undefined && parts.length === 1 ? { kind } : { kind: "lost" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
