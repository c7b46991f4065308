// Status by shape, word and colour together: none of them alone carries it.

import type { Tone } from "../view/states.ts";
import type { Shape, VerdictView } from "../view/verdicts.ts";

export function ShapeMark({ shape }: { readonly shape: Shape }) {
  return (
    <svg class="shape" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <ShapePath shape={shape} />
    </svg>
  );
}

function ShapePath({ shape }: { readonly shape: Shape }) {
  switch (shape) {
    case "disc":
      return <circle class="fill" cx="6" cy="6" r="4.5" />;
    case "up":
      return <path class="fill" d="M6 1.2 10.6 6H7.8v4.6H4.2V6H1.4z" />;
    case "half":
      return (
        <>
          <circle class="line" cx="6" cy="6" r="4" />
          <path class="fill" d="M6 2a4 4 0 0 1 0 8z" />
        </>
      );
    case "ring":
      return <circle class="line" cx="6" cy="6" r="4" stroke-dasharray="2.6 1.6" />;
    case "bars":
      return <path class="fill" d="M2.5 2h2.4v8H2.5zM7.1 2h2.4v8H7.1z" />;
    case "triangle":
      return <path class="fill" d="M6 1 11.4 10.6H.6z" />;
    case "cross":
      return <path class="thick" d="M2.4 2.4 9.6 9.6M9.6 2.4 2.4 9.6" />;
    case "dash":
      return <path class="thick" d="M1.8 6h8.4" />;
    case "question":
      return <path class="line" d="M4 4.2A2 2 0 1 1 6 6.6v1M6 9.8v.3" />;
  }
}

const toneShapes: Readonly<Record<Tone, Shape>> = {
  ok: "disc",
  busy: "half",
  warn: "triangle",
  bad: "cross",
  idle: "dash",
};

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span class={`badge tone-${tone}`}>
      <ShapeMark shape={toneShapes[tone]} />
      {children}
    </span>
  );
}

export function Verdict({ view }: { readonly view: VerdictView }) {
  return (
    <span class={`verdict tone-${view.tone}`} title={view.meaning}>
      <ShapeMark shape={view.shape} />
      {view.word}
    </span>
  );
}
