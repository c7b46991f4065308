// Addresses and pages. Real paths, so that a link can be sent to somebody and survives a reload.

import { computed, signal } from "@preact/signals";
import { readPage } from "./view/pages.ts";

const url = signal(new URL(location.href));

export const query = computed(() => url.value.searchParams);
export const page = computed(() => readPage(url.value.pathname));

export function go(path: string): void {
  const next = new URL(path, location.href);
  const isOther = next.pathname !== url.peek().pathname;
  history.pushState(null, "", next);
  url.value = next;
  if (isOther) scrollTo(0, 0);
}

/** Filters stand in the address without a step of its own in the history. */
export function setQuery(name: string, value: string | null): void {
  const next = new URL(url.peek());
  if (value === null || value === "") next.searchParams.delete(name);
  else next.searchParams.set(name, value);
  history.replaceState(null, "", next);
  url.value = next;
}

/** Plain links work by themselves; those of this site are followed without leaving the page. */
export function followLinks(): void {
  addEventListener("popstate", () => {
    url.value = new URL(location.href);
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.origin !== location.origin || link.target !== "" || link.hasAttribute("download")) return;
    if (link.hash !== "" && link.pathname === location.pathname) return;
    if (readPage(link.pathname).kind === "lost") return;
    event.preventDefault();
    go(link.href);
  });
}
