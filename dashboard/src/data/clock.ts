// The page's clock. Ages are drawn from it as text nodes of their own, so that a tick re-renders no row.

import { signal } from "@preact/signals";

export const nowMs = signal(Date.now());

setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now();
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) nowMs.value = Date.now();
});
