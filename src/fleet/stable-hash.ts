// A short hash that is the same for the same text, on every machine and in every version. Not for secrets.

/** 53 bits in hexadecimal, 14 characters; two unlike texts share one about once in 10^16 pairs. */
export function stableHash(text: string): string {
  // cyrb53, a public-domain mixing of two 32-bit halves by multiplication.
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(16).padStart(14, "0");
}
