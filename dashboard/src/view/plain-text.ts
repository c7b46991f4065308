// Words of strangers as they are written: nothing in them turns or hides what stands beside it.

/** Marks that turn the direction of what follows, or are not seen at all: a line must read as it is written. */
const HIDDEN = /[\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;
/** In the text of an answer control characters are escapes, but for those above ASCII. */
const HIGH_CONTROLS = /[\u007F-\u009F]/g;

export function withoutHidden(text: string): string {
  return text.replaceAll(HIDDEN, "�");
}

/** An answer or a message of the keeper. Reasons, notes and names in it may quote a log or a host. */
export function parsePlainly(json: string): unknown {
  return JSON.parse(withoutHidden(json).replaceAll(HIGH_CONTROLS, "�"));
}
