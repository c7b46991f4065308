/**
 * What can happen to a box, how it is planned, and how it ends. The host's part of a life is in box-life.ts, the
 * worker's in worker-life.ts.
 */
import type { FaultSubject } from "./faults.ts";
import { printLine, type ActualStatus, type Box } from "./instances.ts";
import { planAct, simSeconds, type MarketState } from "./state.ts";

export type BoxAct =
  | { readonly kind: "status"; readonly actual: ActualStatus | null; readonly message: string }
  | { readonly kind: "container" }
  | { readonly kind: "oci-error" }
  | { readonly kind: "intend-stop" }
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "no-cuda" }
  | { readonly kind: "no-commit"; readonly ref: string }
  | { readonly kind: "worker" }
  | { readonly kind: "load" }
  | { readonly kind: "pipeline" }
  | { readonly kind: "play" }
  | { readonly kind: "batch" }
  | { readonly kind: "unit" }
  | { readonly kind: "upload"; readonly attempt: number; readonly error: string }
  | { readonly kind: "offline" }
  | { readonly kind: "online" };

/** Whom a fault may name to hit this box. */
export function boxSubject(box: Box): FaultSubject {
  return {
    instance: box.id,
    label: box.label,
    slot: /-worker-vast-([^-]+)$/.exec(box.label ?? "")?.[1] ?? null,
    machine: box.machineId,
    account: box.accountId,
  };
}

export function planBoxAct(state: MarketState, box: Box, seconds: number, act: BoxAct): void {
  planAct(state, state.nowMs + simSeconds(state, seconds), { kind: "box", boxId: box.id, life: box.life, act });
}

/** Ends everything planned for the box; what is printed and known stays. */
export function endLife(box: Box): void {
  box.life += 1;
  if (box.worker !== null) box.worker.phase = "dead";
}

/** The worker process dies after printing these lines (none: killed silently); the container stays up. */
export function killWorker(state: MarketState, box: Box, lines: readonly string[]): void {
  for (const line of lines) printLine(state, box, line);
  endLife(box);
}
