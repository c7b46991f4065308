// Looks at the market's own books, ten times a second: what is rented while what lives, and which healthy workers end.

import type { Box } from "../../sim/instances.ts";
import type { Market } from "../../sim/market.ts";

const LOOK_EVERY_MS = 100;
/** A target that was lowered still allows what was sent for the higher one until the news has arrived. */
const TARGET_OVERLAP_MS = 30_000;
const LABEL = /^(.+)-worker-vast-\d+$/;

export interface Finding {
  readonly what: "double rent" | "ceiling";
  readonly detail: string;
}

export interface EndedWorker {
  readonly id: number;
  readonly label: string;
  readonly atMs: number;
}

export class Witness {
  readonly findings: Finding[] = [];
  /** Workers that played when their destroy was asked for: the ledger has to say why. */
  readonly endedPlaying: EndedWorker[] = [];
  readonly #market: Market;
  readonly #targets = new Map<string, { readonly target: number; readonly sinceMs: number }[]>();
  readonly #known = new Set<number>();
  readonly #asked = new Set<number>();
  readonly #playing = new Set<number>();
  readonly #everPlayed = new Set<number>();
  /** A box that ended and came back was not rented again by anybody. */
  readonly #cameBack = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(market: Market) {
    this.#market = market;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  expectTarget(fleet: string, target: number): void {
    this.#targets.set(fleet, [...(this.#targets.get(fleet) ?? []), { target, sinceMs: Date.now() }]);
  }

  rents(): number {
    return this.#known.size;
  }

  /** Boxes whose worker was seen to play. */
  played(): number {
    return this.#everPlayed.size;
  }

  alive(fleet: string): readonly Box[] {
    return this.#boxes().filter((box) => box.endedAtMs === null && LABEL.exec(box.label ?? "")?.[1] === fleet);
  }

  #boxes(): readonly Box[] {
    return [...this.#market.state.boxes.values()];
  }

  look(): void {
    for (const box of this.#boxes()) {
      if (box.endedAtMs !== null) this.#cameBack.add(box.id);
      if (!this.#known.has(box.id)) this.#onRented(box);
      if (box.wasDestroyAsked && !this.#asked.has(box.id)) this.#onAsked(box);
      const isPlaying = box.endedAtMs === null && box.isReachable && box.worker?.phase === "producing";
      if (isPlaying) this.#everPlayed.add(box.id);
      if (isPlaying) this.#playing.add(box.id);
      else this.#playing.delete(box.id);
    }
  }

  #onRented(box: Box): void {
    this.#known.add(box.id);
    const fleet = LABEL.exec(box.label ?? "")?.[1];
    if (fleet === undefined) return;
    const others = this.alive(fleet).filter(({ id }) => id !== box.id && !this.#cameBack.has(id));
    const same = others.filter(({ label, wasDestroyAsked }) => label === box.label && !wasDestroyAsked);
    if (same.length > 0)
      this.findings.push({ what: "double rent", detail: `${box.label}: ${box.id} while ${same[0]?.id} lives` });
    const target = this.#allowedTarget(fleet);
    if (others.length + 1 > target + 1)
      this.findings.push({
        what: "ceiling",
        detail: `${fleet}: ${box.id} with ${others.length} alive, target ${target}`,
      });
  }

  #onAsked(box: Box): void {
    this.#asked.add(box.id);
    if (this.#playing.has(box.id))
      this.endedPlaying.push({ id: box.id, label: box.label ?? "", atMs: this.#market.state.nowMs });
  }

  #allowedTarget(fleet: string): number {
    const asked = this.#targets.get(fleet) ?? [];
    const recent = asked.filter((_, index) => (asked[index + 1]?.sinceMs ?? Infinity) > Date.now() - TARGET_OVERLAP_MS);
    return Math.max(0, ...recent.map(({ target }) => target));
  }
}
