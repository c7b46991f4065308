// Lines of a log in a window of their own. Unwrapped lines are of one height, so that ten thousand are drawn as forty.

import type { Ref } from "preact";
import { useEffect, useImperativeHandle, useRef, useState } from "preact/hooks";
import { type LogLine, pieces } from "../view/log-lines.ts";
import { rowWindow } from "../view/window.ts";
import { Button } from "./parts.tsx";

export interface LogViewHandle {
  showLine(index: number): void;
}

const LINE = 20;
/** Wrapped lines have no height that could be computed: only so many are drawn. */
const WRAPPED_MAX = 1000;
/** So near to the end counts as the end. */
const END_SLACK = 24;

export function LogView(props: {
  readonly ref: Ref<LogViewHandle>;
  readonly lines: readonly LogLine[];
  readonly wanted: string;
  /** Index of the match one stands at. */
  readonly current: number | null;
  readonly isFollowing: boolean;
  readonly isWrapped: boolean;
  readonly onLeaveEnd: () => void;
  readonly onEnd: () => void;
}) {
  const { lines, wanted, current, isFollowing, isWrapped } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scrolled: 0, height: 600 });
  const [isAtEnd, setAtEnd] = useState(true);
  const seen = isWrapped
    ? { from: Math.max(0, lines.length - WRAPPED_MAX), to: lines.length, before: 0, after: 0 }
    : rowWindow(lines.length, LINE, view);

  const toEnd = (): void => {
    const place = box.current;
    if (place !== null) place.scrollTop = place.scrollHeight;
  };
  useImperativeHandle(props.ref, () => ({
    showLine: (index) => {
      const place = box.current;
      if (place === null) return;
      if (isWrapped) place.querySelector(`[data-line="${index}"]`)?.scrollIntoView({ block: "center" });
      else place.scrollTop = index * LINE - place.clientHeight / 2;
    },
  }));
  useEffect(() => {
    if (isFollowing) toEnd();
  }, [lines, isFollowing, isWrapped]);
  useEffect(() => {
    const place = box.current;
    if (place !== null) setView({ scrolled: place.scrollTop, height: place.clientHeight });
  }, [lines, isWrapped]);

  const onScroll = (): void => {
    const place = box.current;
    if (place === null) return;
    setView({ scrolled: place.scrollTop, height: place.clientHeight });
    const isEnd = place.scrollHeight - place.scrollTop - place.clientHeight < END_SLACK;
    if (isEnd !== isAtEnd) setAtEnd(isEnd);
    if (!isEnd && isAtEnd && isFollowing) props.onLeaveEnd();
  };
  return (
    <div class="log-frame">
      <div
        ref={box}
        class={isWrapped ? "log wrapped" : "log"}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
        data-testid="log"
      >
        <div class="log-lines" style={{ paddingTop: `${seen.before}px`, paddingBottom: `${seen.after}px` }}>
          {lines.slice(seen.from, seen.to).map((line, offset) => (
            <Line
              key={line.number}
              line={line}
              index={seen.from + offset}
              wanted={wanted}
              isCurrent={seen.from + offset === current}
            />
          ))}
        </div>
      </div>
      {isAtEnd ? null : (
        <div class="to-end">
          <Button
            icon="down"
            onClick={() => {
              toEnd();
              props.onEnd();
            }}
          >
            Jump to latest
          </Button>
        </div>
      )}
    </div>
  );
}

function Line(props: {
  readonly line: LogLine;
  readonly index: number;
  readonly wanted: string;
  readonly isCurrent: boolean;
}) {
  const { line, index, wanted, isCurrent } = props;
  return (
    <div class={`log-line kind-${line.kind}${isCurrent ? " current" : ""}`} data-line={index}>
      <span class="log-number" aria-hidden="true">
        {line.number}
      </span>
      <span class="log-text">
        {pieces(line.text, wanted).map(({ text, isMatch }, piece) =>
          isMatch ? <mark key={piece}>{text}</mark> : text,
        )}
      </span>
    </div>
  );
}
