// Who is there decides what is shown: nothing yet, the login, or the page of the address.

import { useErrorBoundary } from "preact/hooks";
import { session } from "./api/session.ts";
import { BrokenPage } from "./pages/broken.tsx";
import { CostPage } from "./pages/cost.tsx";
import { EventsPage } from "./pages/events.tsx";
import { ActionDialog } from "./pages/fleet/action-dialog.tsx";
import { FleetPage } from "./pages/fleet/fleet.tsx";
import { FleetsPage } from "./pages/fleets.tsx";
import { HistoryPage } from "./pages/history.tsx";
import { HostsPage } from "./pages/hosts.tsx";
import { LoginPage } from "./pages/login.tsx";
import { LogsPage } from "./pages/logs.tsx";
import { LostPage } from "./pages/lost.tsx";
import { MarketPage } from "./pages/market.tsx";
import { StatsPage } from "./pages/stats.tsx";
import { StraysPage } from "./pages/strays.tsx";
import { page } from "./router.ts";
import { Shell } from "./shell.tsx";
import { Toaster } from "./ui/toaster.tsx";

export function App() {
  const { kind } = session.value;
  return (
    <>
      {kind === "in" ? (
        <Shell>
          <CurrentPage key={JSON.stringify(page.value)} />
          <ActionDialog />
        </Shell>
      ) : kind === "out" ? (
        <LoginPage why={session.value.kind === "out" ? session.value.why : null} />
      ) : (
        <div class="opening" role="status" aria-label="Opening" />
      )}
      <Toaster />
    </>
  );
}

/** A fault of this program takes one page with it and says so, instead of leaving an empty window. */
function CurrentPage() {
  const [fault] = useErrorBoundary((error: unknown) => console.error(error));
  const now = page.value;
  if (fault !== undefined) return <BrokenPage fault={fault} />;
  switch (now.kind) {
    case "fleets":
      return <FleetsPage />;
    case "fleet":
      return <FleetPage key={now.fleet} name={now.fleet} />;
    case "logs":
      return <LogsPage key={now.instanceId} instanceId={now.instanceId} />;
    case "market":
      return <MarketPage />;
    case "hosts":
      return <HostsPage />;
    case "stats":
      return <StatsPage />;
    case "cost":
      return <CostPage />;
    case "history":
      return <HistoryPage />;
    case "strays":
      return <StraysPage />;
    case "events":
      return <EventsPage />;
    case "lost":
      return <LostPage />;
  }
}
