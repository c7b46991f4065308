// Machines that something counts against: strikes, blocks, what they gave, and what a person decides.

import { useState } from "preact/hooks";
import { mayWrite } from "../api/session.ts";
import type { HostDocument, HostList, HostWithHistory } from "../api/shapes.ts";
import { useAnswer } from "../data/query.ts";
import { query, setQuery } from "../router.ts";
import { Answered } from "../ui/answered.tsx";
import { Button, Empty, PageHead, Skeleton } from "../ui/parts.tsx";
import { SearchField, Tabs } from "../ui/select.tsx";
import { Ago, At } from "../ui/times.tsx";
import { count, rate } from "../view/format.ts";
import { openAction } from "./fleet/worker-actions.ts";

type Which = "all" | "blocked" | "struck";

export function HostsPage() {
  const which = (query.value.get("show") ?? "all") as Which;
  const [wanted, setWanted] = useState("");
  const list = useAnswer<HostList>("/api/hosts?limit=500", 30);
  const { value } = list;
  const rows = (value?.hosts ?? []).filter(
    ({ machineId, gpu, blocked }) =>
      (which === "all" || blocked === (which === "blocked")) &&
      (wanted === "" || `${machineId} ${gpu ?? ""}`.toLowerCase().includes(wanted.toLowerCase())),
  );
  return (
    <>
      <PageHead
        title="Hosts"
        lead={
          value === null
            ? "Asking …"
            : `${count(value.total, "machine has something against it", "machines have something against them")}; ${value.strikeLimit} strikes block one for every fleet.`
        }
      >
        {mayWrite.value ? <BlockByNumber /> : null}
      </PageHead>
      <div class="toolbar">
        <Tabs
          label="Which"
          value={which}
          options={[
            ["all", "All"],
            ["blocked", "Blocked"],
            ["struck", "Struck"],
          ]}
          onChange={(name) => setQuery("show", name === "all" ? null : name)}
        />
        <SearchField label="Machine or GPU" value={wanted} onInput={setWanted} />
      </div>
      <Answered answer={list} wait={<Skeleton rows={6} height={72} />}>
        {({ total, strikeLimit }) =>
          rows.length === 0 ? (
            <Empty title={total === 0 ? "Nothing counts against any machine" : "No machine is like that"}>
              {total === 0
                ? "A host that fails, stalls or never boots gets a strike here, with its reason."
                : "Another filter may show it."}
            </Empty>
          ) : (
            <ul class="host-list">
              {rows.map((host) => (
                <HostCard key={host.machineId} host={host} limit={strikeLimit} />
              ))}
            </ul>
          )
        }
      </Answered>
    </>
  );
}

function BlockByNumber() {
  const [text, setText] = useState("");
  const isNumber = /^[1-9]\d{0,9}$/.test(text.trim());
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNumber) openAction({ kind: "block", machineId: Number(text) });
      }}
    >
      <input
        aria-label="Number of a machine"
        placeholder="Machine"
        inputMode="numeric"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" icon="block" isDisabled={!isNumber}>
        Block
      </Button>
    </form>
  );
}

function HostCard({ host, limit }: { readonly host: HostDocument; readonly limit: number }) {
  const [isOpen, setOpen] = useState(false);
  const { machineId, blocked, blockedByHand, strikes } = host;
  const words = blockedByHand ? "blocked by hand" : blocked ? "blocked" : count(strikes, "strike");
  return (
    <li class="card host" data-testid={`host-${machineId}`}>
      <div class="host-main">
        <div>
          <h2>{machineId}</h2>
          <p class={blocked ? "tone-bad" : "tone-warn"}>
            <StrikeMarks strikes={strikes} limit={limit} /> {words}
          </p>
        </div>
        <dl class="host-facts">
          <Fact label="GPU" value={host.gpu ?? "–"} />
          <Fact label="games/s seen" value={rate(host.gamesPerSecond)} />
          <Fact
            label="Last seen"
            value={host.isInUse ? "in use now" : host.lastSeenAt === null ? "–" : <Ago at={host.lastSeenAt} />}
          />
          <Fact
            label={blocked ? "Blocked until" : "Next strike expires"}
            value={
              blockedByHand && host.blockedUntil === null ? (
                "somebody pardons it"
              ) : (
                <When at={host.blockedUntil ?? host.nextExpiryAt} />
              )
            }
          />
        </dl>
        <div class="host-actions">
          <button type="button" class="button quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <span>{isOpen ? "Less" : "Every strike"}</span>
          </button>
          {mayWrite.value ? (
            <>
              {strikes > 0 || blocked ? (
                <Button onClick={() => openAction({ kind: "pardon", machineId })}>Pardon</Button>
              ) : null}
              {blockedByHand ? null : (
                <Button kind="danger" onClick={() => openAction({ kind: "block", machineId })}>
                  Block
                </Button>
              )}
            </>
          ) : null}
        </div>
      </div>
      <p class="host-why">{host.note ?? host.reasons[0] ?? "no reason is recorded"}</p>
      {isOpen ? <History machineId={machineId} /> : null}
    </li>
  );
}

function StrikeMarks({ strikes, limit }: { readonly strikes: number; readonly limit: number }) {
  return (
    <span class="strike-marks" aria-hidden="true">
      {Array.from({ length: Math.max(limit, Math.min(strikes, 6)) }, (_, index) => (
        <i key={index} class={index < strikes ? "on" : ""} />
      ))}
    </span>
  );
}

function When({ at }: { readonly at: string | null }) {
  return at === null ? <>–</> : <At at={at} />;
}

function Fact({ label, value }: { readonly label: string; readonly value: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function History({ machineId }: { readonly machineId: number }) {
  const host = useAnswer<HostWithHistory>(`/api/hosts/${machineId}`);
  return (
    <Answered answer={host} wait={<Skeleton rows={2} height={32} />}>
      {({ history }) => (
        <ol class="strike-list">
          {history.map((strike) => (
            <li key={strike.id} class={strike.counts ? "" : "spent"}>
              <At at={strike.at} />
              <span>{strike.reason}</span>
              <span class="muted">
                {strike.fleet ?? ""}{" "}
                {strike.refundedAt === null
                  ? strike.counts
                    ? ""
                    : "expired"
                  : `taken back: ${strike.refundReason ?? ""}`}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Answered>
  );
}
