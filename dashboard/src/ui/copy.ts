// Puts a text on the clipboard and says so; where the browser refuses, the text itself is shown.

import { tell } from "../data/act.ts";

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell("ok", `Copied ${what}`, text);
  } catch {
    tell("bad", "The browser does not let this page copy", text);
  }
}
