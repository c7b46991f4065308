// The log of one worker: followed, searched, coloured by kind of line. Its lines come from a stranger's machine and are
// shown as text, whatever they hold.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LogText } from "../api/shapes.ts";
import { fleetCells } from "../data/fleets.ts";
import { useAnswer } from "../data/query.ts";
import { AnswerNote } from "../ui/answered.tsx";
import { Button, Empty, PageHead, ProblemBox, Skeleton } from "../ui/parts.tsx";
import { isNarrow } from "../ui/media.ts";
import { LogView, type LogViewHandle } from "../ui/log-view.tsx";
import { SearchField, Select, Tabs } from "../ui/select.tsx";
import { Ago } from "../ui/times.tsx";
import { count } from "../view/format.ts";
import { logLines } from "../view/log-lines.ts";

/** The log store is read by the market's leave, ten times a minute for all. */
const FOLLOW_MS = 6000;
const tails: readonly (readonly [string, string])[] = [
  ["200", "last 200 lines"],
  ["1000", "last 1,000"],
  ["10000", "last 10,000"],
];

export function LogsPage({ instanceId }: { readonly instanceId: number }) {
  const [tail, setTail] = useState("200");
  const [source, setSource] = useState<"worker" | "daemon">("worker");
  const [isFollowing, setFollowing] = useState(true);
  const [isWrapped, setWrapped] = useState(isNarrow.peek());
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const view = useRef<LogViewHandle>(null);
  const path = `/api/instances/${instanceId}/logs?tail=${tail}${source === "daemon" ? "&daemon=true" : ""}`;
  const log = useAnswer<LogText>(path);
  const { value, problem, reload } = log;
  const lines = useMemo(() => logLines(value?.text ?? ""), [value?.text]);
  const matches = useMemo(() => {
    const word = wanted.toLowerCase();
    return word === "" ? [] : lines.flatMap(({ text }, index) => (text.toLowerCase().includes(word) ? [index] : []));
  }, [lines, wanted]);
  const hasEnded = value !== null && value.endedAt !== null;

  useEffect(() => {
    if (!isFollowing || hasEnded) return;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [path, isFollowing, hasEnded]);

  const jump = (to: number): void => {
    if (matches.length === 0) return;
    const next = (to + matches.length) % matches.length;
    setAt(next);
    setFollowing(false);
    view.current?.showLine(matches[next] ?? 0);
  };
  useEffect(() => {
    setAt(Math.max(0, matches.length - 1));
    if (matches.length > 0) view.current?.showLine(matches.at(-1) ?? 0);
  }, [wanted]);

  const owner = ownerOf(instanceId);
  return (
    <>
      <PageHead
        title={owner === null ? `Log of ${instanceId}` : `Log of ${owner.fleet}, worker ${owner.slot}`}
        lead={
          <>
            Instance {instanceId}
            {owner === null ? (
              ""
            ) : (
              <>
                {" "}
                · <a href={`/fleets/${owner.fleet}`}>{owner.fleet}</a>
              </>
            )}
            {value === null ? (
              ""
            ) : hasEnded ? (
              " · it has ended; these lines were kept"
            ) : value.modifiedAt === null ? (
              ""
            ) : (
              <>
                {" "}
                · written <Ago at={value.modifiedAt} />
              </>
            )}
            {value?.isStale === true && !hasEnded ? " · the store has nothing newer" : ""}
          </>
        }
      />
      <div class="toolbar">
        <Tabs
          label="Which log"
          value={source}
          options={[
            ["worker", "Worker"],
            ["daemon", "Host"],
          ]}
          onChange={setSource}
        />
        <Select label="How much" value={tail} options={tails} onChange={setTail} />
        <form
          class="search-form"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            jump(at + 1);
          }}
        >
          <SearchField label="Search the log" value={wanted} onInput={setWanted} />
          {wanted === "" ? null : (
            <span class="matches">
              <span role="status">{matches.length === 0 ? "no match" : `${at + 1} of ${matches.length}`}</span>
              <button type="button" aria-label="Previous match" onClick={() => jump(at - 1)}>
                ↑
              </button>
              <button type="button" aria-label="Next match" onClick={() => jump(at + 1)}>
                ↓
              </button>
            </span>
          )}
        </form>
        <div class="checks">
          <label class="check">
            <input
              type="checkbox"
              checked={isFollowing}
              disabled={hasEnded}
              onChange={(event) => setFollowing(event.currentTarget.checked)}
            />
            Follow
          </label>
          <label class="check">
            <input type="checkbox" checked={isWrapped} onChange={(event) => setWrapped(event.currentTarget.checked)} />
            Wrap
          </label>
        </div>
      </div>
      {problem !== null && value === null ? (
        <ProblemBox problem={problem} onRetry={reload} />
      ) : value === null ? (
        <Skeleton rows={14} height={20} />
      ) : lines.length === 0 ? (
        <Empty title="The log is empty">
          The container has not written yet. <Button onClick={reload}>Look again</Button>
        </Empty>
      ) : (
        <>
          <LogView
            ref={view}
            lines={lines}
            wanted={wanted}
            current={matches[at] ?? null}
            isFollowing={isFollowing && !hasEnded}
            isWrapped={isWrapped}
            onLeaveEnd={() => setFollowing(false)}
            onEnd={() => setFollowing(true)}
          />
          <p class="muted log-foot">{count(lines.length, "line")}</p>
        </>
      )}
      {/* Below the lines: while they are followed, a note that comes and goes must not move them. */}
      {value === null ? null : <AnswerNote answer={log} />}
    </>
  );
}

function ownerOf(instanceId: number): { readonly fleet: string; readonly slot: number } | null {
  for (const { name, workers } of fleetCells.value ?? []) {
    const found = workers.value.find(({ id }) => id === instanceId);
    if (found !== undefined) return { fleet: name, slot: found.row.value.slot };
  }
  return null;
}
