// Whether a socket still reaches the other side. A line that breaks without a word (a laptop that slept, a router that forgot
// it) closes nothing: only the answer that stays away tells.

/** A proxy drops connections that rest. The platform answers, not the object. */
const PING_MS = 45_000;
/** An answer takes a round trip; one that takes so long does not come. */
const PONG_MS = 10_000;

export interface Heartbeat {
  /** Does not wait for the next turn. */
  readonly beat: () => void;
  readonly heard: () => void;
  readonly stop: () => void;
}

/** `onSilence` is called once, and nothing is sent any more. */
export function startHeartbeat(send: () => void, onSilence: () => void): Heartbeat {
  let late: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(late);
    late = undefined;
  };
  const stop = (): void => {
    clearInterval(turns);
    heard();
  };
  const fail = (): void => {
    stop();
    onSilence();
  };
  const beat = (): void => {
    send();
    late ??= setTimeout(fail, PONG_MS);
  };
  const turns = setInterval(beat, PING_MS);
  return { beat, heard, stop };
}
