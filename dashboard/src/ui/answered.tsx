// An answer where it is shown: a place holder until it comes, why it does not, and of one that could not be read again,
// why not and from when it is.

import type { ComponentChildren } from "preact";
import type { Reading } from "../data/query.ts";
import { lackOf } from "../view/loaded.ts";
import { Button, ProblemBox } from "./parts.tsx";
import { At } from "./times.tsx";

export function Answered<T>(props: {
  readonly answer: Reading<T>;
  readonly wait: ComponentChildren;
  readonly children: (value: T) => ComponentChildren;
}) {
  const { answer, wait, children } = props;
  const { value, problem, reload } = answer;
  if (value === null) return problem === null ? wait : <ProblemBox problem={problem} onRetry={reload} />;
  return (
    <>
      <AnswerNote answer={answer} />
      {children(value)}
    </>
  );
}

/**
 * For where the answer itself lies elsewhere. `what`: the beginning of a sentence that says what is old or missing, where
 * something that is not stands beside it.
 */
export function AnswerNote(props: { readonly answer: Reading<unknown>; readonly what?: string }) {
  const { answer, what = "What you see is" } = props;
  const lack = lackOf(answer);
  if (lack === null) return null;
  const { problem, asOfMs } = lack;
  return (
    <div class="answer-note" role="status" data-testid="answer-note">
      <p>
        <strong>{problem.title}:</strong> {problem.detail}. {what}{" "}
        {asOfMs === null ? (
          "not there"
        ) : (
          <>
            as of <At at={asOfMs} />
          </>
        )}
        .
      </p>
      <Button isBusy={answer.isLoading} onClick={answer.reload}>
        Try again
      </Button>
    </div>
  );
}
