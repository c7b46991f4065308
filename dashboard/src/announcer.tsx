// Says a fleet's changes of state aloud, for who does not see them.

import { useEffect, useRef, useState } from "preact/hooks";
import type { FleetDocument } from "./api/shapes.ts";
import { fleetCells } from "./data/fleets.ts";
import { stateView } from "./view/states.ts";

export function Announcer() {
  const said = useRef(new Map<string, string>());
  const [text, setText] = useState("");
  const documents = (fleetCells.value ?? []).map(({ document }) => document.value);
  const states = documents.map((fleet) => `${fleet.name} ${markOf(fleet)}`).join();
  useEffect(() => {
    const news: string[] = [];
    for (const fleet of documents) {
      // By its state and not by the sentence, in which a countdown runs.
      const mark = markOf(fleet);
      const before = said.current.get(fleet.name);
      said.current.set(fleet.name, mark);
      if (before !== undefined && before !== mark) news.push(`${fleet.name}: ${stateView(fleet, Date.now()).sentence}`);
    }
    if (news.length > 0) setText(news.join(". "));
  }, [states]);
  return (
    <p class="sr-only" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </p>
  );
}

function markOf({ state, totals }: FleetDocument): string {
  return `${state} ${totals.producing}`;
}
