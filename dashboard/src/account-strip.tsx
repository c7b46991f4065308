// The account in one line above every page: is there money, how fast does it go, and does anything need a person.

import type { ComponentChildren } from "preact";
import type { CostDocument, StrayList } from "./api/shapes.ts";
import { fleetCells } from "./data/fleets.ts";
import { type Reading, useAnswer } from "./data/query.ts";
import { Ago, At } from "./ui/times.tsx";
import { count, hours, usd, usdPerHour } from "./view/format.ts";
import { lackOf } from "./view/loaded.ts";
import { needsALook } from "./view/overall.ts";
import { exactTime } from "./view/time.ts";

/** Below a night of credit it is said in colour: the owner looks in the morning. */
const LOW_HOURS = 12;

export function AccountStrip() {
  const account = useAnswer<CostDocument>("/api/cost", 60);
  const others = useAnswer<StrayList>("/api/strays", 120);
  const cost = account.value;
  const strays = others.value;
  const isLoading = cost === null && account.problem === null;
  const hoursLeft = cost?.hoursLeft ?? null;
  return (
    <section aria-label="Account">
      <dl class="strip" data-testid="account-strip">
        <Item label="Credit" isLoading={isLoading}>
          <span title={cost?.creditReadAt ? `read ${exactTime(Date.parse(cost.creditReadAt))}` : undefined}>
            {usd(cost?.creditUsd ?? null)}
          </span>
        </Item>
        <Item label="Lasts" isLoading={isLoading} tone={hoursLeft !== null && hoursLeft < LOW_HOURS ? "bad" : null}>
          {hours(hoursLeft)}
        </Item>
        <Item label="Burns" isLoading={isLoading}>
          <span title="Every instance of the account, whoever rented it">
            {usdPerHour(cost?.accountUsdPerHour ?? cost?.usdPerHour ?? null)}
          </span>
        </Item>
        <Item label="Today" isLoading={isLoading}>
          {usd(cost?.spent.todayUsd ?? null)}
        </Item>
        {strays !== null && strays.total.strays > 0 ? (
          <Item label="Strays" tone="warn" kind="news">
            <a href="/strays">
              {count(strays.total.strays, "bills", "bill")} {usdPerHour(strays.total.usdPerHour)}
            </a>
          </Item>
        ) : null}
        <NotRead
          answers={[
            ["account", account],
            ["strays", others],
          ]}
        />
        <Alerts />
      </dl>
    </section>
  );
}

/** These figures stand above every page, so it is said here of what is not shown as well: an old credit looks like a new one. */
function NotRead({ answers }: { readonly answers: readonly (readonly [what: string, answer: Reading<unknown>])[] }) {
  const lacks = answers.flatMap(([what, answer]) => {
    const lack = lackOf(answer);
    return lack === null ? [] : [{ what, ...lack }];
  });
  if (lacks.length === 0) return null;
  return (
    <Item label="Not read" tone="warn" kind="news">
      {lacks.map(({ what, problem, asOfMs }, index) => (
        <span key={what} title={`${problem.title}: ${problem.detail}`}>
          {index === 0 ? "" : ", "}
          {what}
          {asOfMs === null ? null : (
            <>
              {" "}
              since <At at={asOfMs} />
            </>
          )}
        </span>
      ))}
    </Item>
  );
}

function Alerts() {
  const cells = fleetCells.value;
  if (cells === null) return null;
  const alarmed = cells.filter(({ document }) => needsALook(document.value));
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
