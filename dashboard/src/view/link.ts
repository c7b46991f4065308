// How news of the fleets arrives, in one word for the mark on every page.

export type Link = "connecting" | "live" | "polling" | "silent";

/**
 * `isAnswering`: the last question for the fleets had an answer. Without one the keeper is silent, however open its sockets
 * look: a line that broke without a word looks open.
 */
export function linkOf(isAnswering: boolean, openSockets: readonly boolean[]): Link {
  if (!isAnswering) return "silent";
  return openSockets.every((isOpen) => isOpen) ? "live" : "polling";
}
