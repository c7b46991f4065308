/**
 * Chance for the simulated market: every draw has a name and depends on the seed and that name alone. A draw that
 * is added or left out therefore shifts no other, and no generator state has to be saved.
 */

type Name = string | number;

/** An odd number near 2^32 divided by the golden ratio: steps by it visit every 32-bit value. */
const GOLDEN = 0x9e3779b9;

/** A number in [0, 1) that belongs to this seed and this name for ever. */
export function draw(seed: number, ...names: readonly Name[]): number {
  return hash(`${seed}|${names.join("|")}`) / 2 ** 32;
}

/** A number in [low, high). */
export function drawBetween(low: number, high: number, seed: number, ...names: readonly Name[]): number {
  return low + (high - low) * draw(seed, ...names);
}

/** A whole number in [low, high], both included. */
export function drawInteger(low: number, high: number, seed: number, ...names: readonly Name[]): number {
  return low + Math.floor((high - low + 1) * draw(seed, ...names));
}

/** One of the items; the list must not be empty. */
export function drawOne<T>(items: readonly [T, ...T[]], seed: number, ...names: readonly Name[]): T {
  return items[Math.floor(draw(seed, ...names) * items.length)] ?? items[0];
}

/** Lower-case hexadecimal digits, for hashes, keys and commit ids. */
export function drawHex(length: number, seed: number, ...names: readonly Name[]): string {
  const start = hash(`${seed}|${names.join("|")}|hex`);
  let digits = "";
  for (let part = 1; digits.length < length; part += 1) {
    digits += mix(start + Math.imul(part, GOLDEN))
      .toString(16)
      .padStart(8, "0");
  }
  return digits.slice(0, length);
}

/** FNV-1a over UTF-16 units, then the finaliser of MurmurHash3, which spreads neighbouring names apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return mix(value);
}

function mix(bits: number): number {
  let value = bits | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
