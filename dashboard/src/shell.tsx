// The frame around every page: the way to the others, the account's strip, and what is said aloud.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AccountStrip } from "./account-strip.tsx";
import { Announcer } from "./announcer.tsx";
import { logOut, session } from "./api/session.ts";
import { fleetCells } from "./data/fleets.ts";
import { heardAtMs, link } from "./data/live.ts";
import { page } from "./router.ts";
import { isDark, paint, toggleTheme } from "./theme.ts";
import { Dialog } from "./ui/dialog.tsx";
import { Icon, type IconName } from "./ui/icons.tsx";
import { At } from "./ui/times.tsx";

const places: readonly {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  readonly kinds: readonly string[];
}[] = [
  { href: "/", label: "Fleets", icon: "fleets", kinds: ["fleets", "fleet", "logs"] },
  { href: "/events", label: "Events", icon: "events", kinds: ["events"] },
  { href: "/cost", label: "Cost", icon: "cost", kinds: ["cost"] },
  { href: "/history", label: "History", icon: "history", kinds: ["history"] },
  { href: "/market", label: "Market", icon: "market", kinds: ["market"] },
  { href: "/hosts", label: "Hosts", icon: "hosts", kinds: ["hosts"] },
  { href: "/stats", label: "GPU statistics", icon: "stats", kinds: ["stats"] },
  { href: "/strays", label: "Strays", icon: "strays", kinds: ["strays"] },
];
/** The rest is one touch further on a phone. */
const ON_PHONE = 4;

export function Shell({ children }: { readonly children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const address = JSON.stringify(page.value);
  const isFirst = useRef(true);
  useEffect(() => {
    const title = main.current?.querySelector("h1") ?? null;
    document.title = title === null ? "Fleetkeeper" : `${title.textContent} · Fleetkeeper`;
    if (isFirst.current) isFirst.current = false;
    else title?.focus({ preventScroll: true });
  }, [address]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <SideBar />
      <div class={link.value === "silent" ? "stage is-old" : "stage"}>
        <AccountStrip />
        <Silence />
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <PhoneBar />
      <Announcer />
    </div>
  );
}

function SideBar() {
  return (
    <header class="sidebar">
      <Brand />
      <nav aria-label="Pages">
        {places.map((place) => (
          <PlaceLink key={place.href} {...place} />
        ))}
      </nav>
      <div class="sidebar-foot">
        <LinkMark />
        <Who />
        <div class="foot-buttons">
          <ThemeButton />
          <LogOutButton />
        </div>
      </div>
    </header>
  );
}

function Brand() {
  return (
    <a class="brand" href="/">
      <img src="/favicon.svg" alt="" width="24" height="24" />
      Fleetkeeper
    </a>
  );
}

function PlaceLink(props: (typeof places)[number] & { readonly onFollow?: () => void }) {
  const { href, label, icon, kinds, onFollow } = props;
  return (
    <a class="place" href={href} aria-current={kinds.includes(page.value.kind) ? "page" : undefined} onClick={onFollow}>
      <Icon name={icon} />
      <span>{label}</span>
    </a>
  );
}

function PhoneBar() {
  const [isOpen, setOpen] = useState(false);
  const rest = places.slice(ON_PHONE);
  const isInRest = rest.some(({ kinds }) => kinds.includes(page.value.kind));
  return (
    <>
      <nav class="phonebar" aria-label="Pages, at the thumb">
        {places.slice(0, ON_PHONE).map((place) => (
          <PlaceLink key={place.href} {...place} />
        ))}
        <button type="button" class={isInRest ? "place in-rest" : "place"} onClick={() => setOpen(true)}>
          <Icon name="more" />
          <span>More</span>
        </button>
      </nav>
      {isOpen ? (
        <Dialog title="More" onClose={() => setOpen(false)}>
          <div class="more-list">
            {rest.map((place) => (
              <PlaceLink key={place.href} {...place} onFollow={() => setOpen(false)} />
            ))}
          </div>
          <div class="more-foot">
            <LinkMark />
            <Who />
            <div class="foot-buttons">
              <ThemeButton />
              <LogOutButton />
            </div>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

/** What is on the screen looks alive for as long as nobody says otherwise. */
function Silence() {
  if (link.value !== "silent" || fleetCells.value === null) return null;
  // As a time of day: said aloud, an age would be said again every second.
  const heardAt = heardAtMs.value;
  return (
    <div class="silence" role="alert" data-testid="silence">
      <Icon name="strays" />
      <p>
        <strong>The keeper does not answer.</strong> What you see is from{" "}
        {heardAt === null ? "before" : <At at={new Date(heardAt).toISOString()} />}. It is asked again every 10 s; the
        workers go on without this page.
      </p>
    </div>
  );
}

const linkWords = {
  connecting: "connecting",
  live: "live",
  polling: "asking every 10 s",
  silent: "no answer",
} as const;

function LinkMark() {
  return (
    <p class={`link-mark ${link.value}`} data-testid="link">
      <i aria-hidden="true" />
      {linkWords[link.value]}
    </p>
  );
}

function Who() {
  const now = session.value;
  if (now.kind !== "in") return null;
  const { name, role } = now.session;
  return <p class="muted who">{name === role ? role : `${name} · ${role}`}</p>;
}

function ThemeButton() {
  const dark = paint.value >= 0 && isDark();
  const label = dark ? "Use light colours" : "Use dark colours";
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={toggleTheme}>
      <Icon name={dark ? "sun" : "moon"} />
    </button>
  );
}

function LogOutButton() {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label="Log out"
      title="Log out"
      data-testid="log-out"
      onClick={() => void logOut()}
    >
      <Icon name="out" />
    </button>
  );
}
