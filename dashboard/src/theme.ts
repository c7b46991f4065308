// Light, dark, or as the system says. `public/theme.js` applies the choice before the first paint.

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "fleetkeeper-theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

const theme = signal<Theme>(read());
/** Grows when colours change, for what is drawn on a canvas. */
export const paint = signal(0);

function read(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

export function isDark(): boolean {
  return theme.peek() === "system" ? systemDark.matches : theme.peek() === "dark";
}

export function toggleTheme(): void {
  theme.value = isDark() ? "light" : "dark";
}

effect(() => {
  const wanted = theme.value;
  if (wanted === "system") return;
  document.documentElement.dataset["theme"] = wanted;
  paint.value = paint.peek() + 1;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
});
systemDark.addEventListener("change", () => {
  paint.value = paint.peek() + 1;
});
