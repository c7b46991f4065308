// What a request comes to: a value, or why there is none.

export interface Problem {
  /** 0: no answer at all. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string | null;
  readonly errors: readonly { readonly field: string; readonly expected: string; readonly got?: string }[];
  /** The whole answer, for members that only some refusals have. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly etag: string | null }
  | { readonly ok: false; readonly problem: Problem };
