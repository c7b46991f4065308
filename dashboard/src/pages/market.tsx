// What the market offers now, ranked as a CHECK would, and why the rest may not be taken.

import type { OfferAnswer, OfferDocument } from "../api/shapes.ts";
import { mayWrite } from "../api/session.ts";
import { fleetCells } from "../data/fleets.ts";
import { useAnswer } from "../data/query.ts";
import { query, setQuery } from "../router.ts";
import { Answered } from "../ui/answered.tsx";
import { Button, Card, Empty, IconButton, Notes, PageHead, Skeleton } from "../ui/parts.tsx";
import { Select } from "../ui/select.tsx";
import { count, percent, rate, usd, usdPerHour } from "../view/format.ts";
import { refusalText, sourceText } from "../view/offers.ts";
import { openAction } from "./fleet/worker-actions.ts";

export function MarketPage() {
  const fleet = query.value.get("fleet") ?? "";
  const gpu = query.value.get("gpu") ?? "";
  const wish = new URLSearchParams({ limit: "50", ...(fleet === "" ? {} : { fleet }), ...(gpu === "" ? {} : { gpu }) });
  const answer = useAnswer<OfferAnswer>(`/api/offers?${wish.toString()}`);
  const { value, isLoading, reload } = answer;
  const terms =
    useAnswer<OfferAnswer>(`/api/offers?limit=50${fleet === "" ? "" : `&fleet=${fleet}`}`).value?.terms ?? null;
  const names = (fleetCells.value ?? []).map(({ name }) => name);
  const cap = value?.terms.maxPriceUsdPerHour ?? null;
  return (
    <>
      <PageHead
        title="Market"
        lead={
          value === null
            ? "Asking the market …"
            : `${count(value.counts.mayBeTaken, "offer")} may be taken${cap === null ? "" : ` under ${usdPerHour(cap)}`}, best value first.`
        }
      >
        <Button icon="replace" isBusy={isLoading} onClick={reload}>
          Look again
        </Button>
      </PageHead>
      <div class="toolbar">
        <Select
          label="As which fleet sees it"
          value={fleet}
          options={[["", "as a new fleet"], ...names.map((name) => [name, `as ${name}`] as const)]}
          onChange={(name) => setQuery("fleet", name)}
        />
        <Select
          label="GPU"
          value={gpu}
          options={[["", "all its GPUs"], ...(terms?.gpus ?? []).map((name) => [name, name] as const)]}
          onChange={(name) => setQuery("gpu", name)}
        />
      </div>
      <Answered answer={answer} wait={<Skeleton rows={8} height={52} />}>
        {({ notes, offers, refused, counts }) => (
          <>
            <Notes notes={notes} />
            <Card title="May be taken" class="flush">
              {offers.length === 0 ? (
                <Empty title="No offer fits now">
                  A higher cap or more GPU types would find some; below stands what is refused and why.
                </Empty>
              ) : (
                <OfferTable offers={offers} />
              )}
            </Card>
            <Card
              title="Refused"
              class="flush"
              aside={
                <span class="chips">
                  {Object.entries(counts.byReason).map(([reason, many]) => (
                    <span key={reason} class="chip">
                      {refusalText(reason)} {many}
                    </span>
                  ))}
                </span>
              }
            >
              {refused.length === 0 ? <Empty title="Nothing is refused" /> : <OfferTable offers={refused} isRefused />}
            </Card>
          </>
        )}
      </Answered>
    </>
  );
}

function OfferTable({
  offers,
  isRefused = false,
}: {
  readonly offers: readonly OfferDocument[];
  readonly isRefused?: boolean;
}) {
  const best = Math.min(...offers.map(({ usdPerGamePerSecond }) => usdPerGamePerSecond ?? Infinity));
  return (
    <div class="table-place">
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">{isRefused ? "Why not" : "Rank"}</th>
            <th scope="col">GPU</th>
            <th scope="col" class="number">
              Price
            </th>
            <th scope="col" class="number">
              Expected games/s
            </th>
            <th scope="col" class="number">
              $ per game/s
            </th>
            <th scope="col" class="number">
              Reliability
            </th>
            <th scope="col">Where</th>
            <th scope="col">Machine</th>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {offers.map((offer) => (
            <OfferRow key={offer.offerId} offer={offer} best={best} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OfferRow({ offer, best }: { readonly offer: OfferDocument; readonly best: number }) {
  const { rank, gpu, gpuRamGb, usdPerHour: price, usdPerGamePerSecond: value, machineId, refusal } = offer;
  return (
    <tr>
      <th scope="row" data-label={refusal === null ? "Rank" : "Why not"}>
        {refusal === null ? rank : <span class="tone-warn">{refusalText(refusal)}</span>}
      </th>
      <td data-label="GPU">
        {gpu}
        <span class="sub">{gpuRamGb === null ? "" : `${gpuRamGb.toFixed(0)} GB`}</span>
      </td>
      <td class="number" data-label="Price">
        {usdPerHour(price)}
      </td>
      <td class="number" data-label="games/s">
        {rate(offer.expectedGamesPerSecond)}
        <span class="sub">{sourceText(offer.rateSource)}</span>
      </td>
      <td class="number" data-label="$ per game/s">
        {usd(value, 4)}
        {value === null ? null : (
          <span class="price-bar" aria-hidden="true">
            <i style={{ width: `${Math.min(100, (best / value) * 100).toFixed(0)}%` }} />
          </span>
        )}
      </td>
      <td class="number" data-label="Reliability">
        {percent(offer.reliability)}
      </td>
      <td data-label="Where">
        <span class="cut">{offer.geolocation ?? "–"}</span>
      </td>
      <td data-label="Machine">
        {machineId ?? "–"}
        {offer.blocked ? (
          <span class="sub tone-bad">blocked</span>
        ) : offer.strikes > 0 ? (
          <span class="sub tone-warn">{count(offer.strikes, "strike")}</span>
        ) : null}
      </td>
      <td class="row-actions">
        {machineId !== null && mayWrite.value && !offer.blocked ? (
          <IconButton
            icon="block"
            label={`Block machine ${machineId}`}
            isDanger
            onClick={() => openAction({ kind: "block", machineId })}
          />
        ) : null}
      </td>
    </tr>
  );
}
