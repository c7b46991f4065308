// An address that leads nowhere.

import { Empty, PageHead } from "../ui/parts.tsx";

export function LostPage() {
  return (
    <>
      <PageHead title="Nothing here" />
      <Empty title="No page has this address">
        <p>
          The link may be old. <a href="/">All fleets</a> is a good place to go on.
        </p>
      </Empty>
    </>
  );
}
