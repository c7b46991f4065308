// Icons as paths of one weight. They say nothing to a screen reader: the word stands beside them or in the label.

const paths = {
  fleets: "M3 5.5h14M3 10h14M3 14.5h14M6 3.8v3.4M13 8.3v3.4M9 12.8v3.4",
  events: "M4 5h12M4 10h12M4 15h7",
  cost: "M10 2.8v14.4M13.8 5.8c-.8-1-2.2-1.5-3.8-1.5-2 0-3.6 1-3.6 2.7 0 3.8 7.6 2 7.6 5.9 0 1.8-1.8 2.8-4 2.8-1.8 0-3.3-.6-4.1-1.7",
  history: "M3.5 10a6.5 6.5 0 1 0 2-4.7L3.5 7M3.5 3.5V7H7M10 6.5V10l2.5 1.8",
  strays: "M10 3.2 17.5 16.5h-15zM10 8.3v3.6M10 14.1v.1",
  market: "M3 8.5h14M4 8.5l1-4.7h10l1 4.7M4.5 8.5v7.7h11V8.5M8 16.2v-4h4v4",
  hosts: "M4 3.8h12v5H4zM4 11.2h12v5H4zM7 6.3h.1M7 13.7h.1",
  stats: "M3.5 16.5h13M5.5 13.5v-3M10 13.5V5M14.5 13.5V8",
  more: "M4.5 10h.1M10 10h.1M15.5 10h.1",
  logs: "M4 4.5h12M4 8.2h9M4 11.8h12M4 15.5h6",
  why: "M7.6 7.6A2.5 2.5 0 1 1 10 10.7v1.5M10 14.8v.1M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15",
  replace: "M4 8.5a6.2 6.2 0 0 1 11.3-1.8M16 11.5a6.2 6.2 0 0 1-11.3 1.8M15.6 3.3v3.5h-3.5M4.4 16.7v-3.5h3.5",
  copy: "M7.5 7.5V4h8.5v8.5h-3.5M4 7.5h8.5V16H4z",
  block: "M4.7 4.7l10.6 10.6M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15",
  close: "M5 5l10 10M15 5L5 15",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  down: "M5.5 8l4.5 4.5L14.5 8",
  right: "M8 5.5l4.5 4.5L8 14.5",
  sun: "M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M10 2v1.8M10 16.2V18M2 10h1.8M16.2 10H18M4.3 4.3l1.3 1.3M14.4 14.4l1.3 1.3M15.7 4.3l-1.3 1.3M5.6 14.4l-1.3 1.3",
  moon: "M16.5 11.8A7 7 0 1 1 8.2 3.5a5.6 5.6 0 0 0 8.3 8.3",
  out: "M11.5 4H4.5v12h7M8.5 10h8M13.5 7l3 3-3 3",
  plus: "M10 4.5v11M4.5 10h11",
  pause: "M7 5v10M13 5v10",
  play: "M6.5 4.5v11l9-5.5z",
  edit: "M4 16h3L16 7l-3-3-9 9z",
  power: "M10 3v6.5M6 5.5a6.3 6.3 0 1 0 8 0",
  look: "M9 15a6 6 0 1 0 0-12 6 6 0 0 0 0 12M13.5 13.5L17 17",
  external: "M8 4.5H4.5v11h11V12M11.5 4h4.5v4.5M16 4l-7 7",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
