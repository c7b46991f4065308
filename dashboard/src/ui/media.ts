// How wide the window is, for pages that are built differently on a phone.

import { signal } from "@preact/signals";

const narrow = matchMedia("(max-width: 899px)");

export const isNarrow = signal(narrow.matches);

narrow.addEventListener("change", () => {
  isNarrow.value = narrow.matches;
});
