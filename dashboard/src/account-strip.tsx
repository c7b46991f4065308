// The account in one line above every page: is there money, how fast does it go, and does anything need a person.

import type { ComponentChildren } from "preact";
import type { CostDocument, StrayList } from "./api/shapes.ts";
import { fleetCells } from "./data/fleets.ts";
import { useAnswer } from "./data/query.ts";
import { Ago } from "./ui/times.tsx";
import { count, hours, usd, usdPerHour } from "./view/format.ts";
import { needsAttention, stateView } from "./view/states.ts";
import { exactTime } from "./view/time.ts";

/** Below a night of credit it is said in colour: the owner looks in the morning. */
const LOW_HOURS = 12;

export function AccountStrip() {
  const cost = useAnswer<CostDocument>("/api/cost", 60).value;
  const strays = useAnswer<StrayList>("/api/strays", 120).value;
  const hoursLeft = cost?.hoursLeft ?? null;
  return (
    <section aria-label="Account">
      <dl class="strip" data-testid="account-strip">
        <Item label="Credit" isLoading={cost === null}>
          <span title={cost?.creditReadAt ? `read ${exactTime(Date.parse(cost.creditReadAt))}` : undefined}>
            {usd(cost?.creditUsd ?? null)}
          </span>
        </Item>
        <Item label="Lasts" isLoading={cost === null} tone={hoursLeft !== null && hoursLeft < LOW_HOURS ? "bad" : null}>
          {cost !== null && hoursLeft === null ? "–" : hours(hoursLeft)}
        </Item>
        <Item label="Burns" isLoading={cost === null}>
          <span title="Every instance of the account, whoever rented it">
            {usdPerHour(cost?.accountUsdPerHour ?? cost?.usdPerHour ?? null)}
          </span>
        </Item>
        <Item label="Today" isLoading={cost === null}>
          {usd(cost?.spent.todayUsd ?? null)}
        </Item>
        {strays !== null && strays.total.strays > 0 ? (
          <Item label="Strays" tone="warn" kind="news">
            <a href="/strays">
              {count(strays.total.strays, "bills", "bill")} {usdPerHour(strays.total.usdPerHour)}
            </a>
          </Item>
        ) : null}
        <Alerts />
      </dl>
    </section>
  );
}

function Alerts() {
  const cells = fleetCells.value;
  if (cells === null) return null;
  const alarmed = cells.filter(({ document }) => needsAttention(stateView(document.value, 0).tone));
  const checks = cells.flatMap(({ document }) => document.value.lastCheckAt ?? []);
  const newest = checks.toSorted().at(-1);
  return (
    <Item
      label={alarmed.length === 0 ? "Checked" : "Look at"}
      tone={alarmed.length === 0 ? null : "bad"}
      kind={alarmed.length === 0 ? "quiet" : "news"}
    >
      {alarmed.length === 0 ? (
        newest === undefined ? (
          "not yet"
        ) : (
          <Ago at={newest} />
        )
      ) : (
        alarmed.map(({ name }, index) => (
          <span key={name}>
            {index === 0 ? "" : ", "}
            <a href={`/fleets/${name}`}>{name}</a>
          </span>
        ))
      )}
    </Item>
  );
}

function Item(props: {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly tone?: "bad" | "warn" | null;
  readonly isLoading?: boolean;
  /** On a phone news have a line of their own, and what is quiet stands elsewhere. */
  readonly kind?: "sum" | "news" | "quiet";
}) {
  return (
    <div class={`strip-item ${props.kind ?? "sum"}`}>
      <dt>{props.label}</dt>
      <dd class={props.tone ? `tone-${props.tone}` : ""}>
        {props.isLoading === true ? <span class="skeleton-word" aria-label="loading" role="img" /> : props.children}
      </dd>
    </div>
  );
}
