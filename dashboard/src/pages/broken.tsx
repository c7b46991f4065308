// What is shown in place of a page that failed.

import { Button, Empty, PageHead } from "../ui/parts.tsx";

export function BrokenPage({ fault }: { readonly fault: unknown }) {
  return (
    <>
      <PageHead title="This page failed" />
      <Empty title="The fault is this page's, not the fleets'">
        <p>They go on as they did. Loading the page again helps where a new version has been deployed meanwhile.</p>
        <code>{fault instanceof Error ? fault.message : String(fault)}</code>
        <Button kind="primary" onClick={() => location.reload()}>
          Load again
        </Button>
      </Empty>
    </>
  );
}
