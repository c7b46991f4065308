// Small parts that every page is made of.

import type { ComponentChildren } from "preact";
import type { Problem } from "../api/call.ts";
import { Icon, type IconName } from "./icons.tsx";

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  readonly kind?: "plain" | "primary" | "danger" | "quiet";
  readonly icon?: IconName;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly type?: "button" | "submit";
  readonly testId?: string;
}

export function Button(props: ButtonProps) {
  const { children, onClick, kind = "plain", icon, isBusy = false, isDisabled = false, type = "button" } = props;
  return (
    <button
      type={type}
      class={`button ${kind}`}
      onClick={onClick}
      disabled={isDisabled || isBusy}
      aria-busy={isBusy}
      data-testid={props.testId}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly isDanger?: boolean;
}) {
  return (
    <button
      type="button"
      class={`icon-button${props.isDanger === true ? " danger" : ""}`}
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}

export function IconLink({
  icon,
  label,
  href,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly href: string;
}) {
  return (
    <a class="icon-button" href={href} aria-label={label} title={label}>
      <Icon name={icon} />
    </a>
  );
}

/** The title of a page takes the focus when one comes to it, so that a screen reader begins there. */
export function PageHead(props: {
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{props.title}</h1>
        {props.lead === undefined ? null : <p class="lead">{props.lead}</p>}
      </div>
      {props.children === undefined ? null : <div class="page-actions">{props.children}</div>}
    </header>
  );
}

export function Card(props: {
  readonly title?: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly testId?: string;
}) {
  return (
    <section class={`card ${props.class ?? ""}`} aria-label={props.title} data-testid={props.testId}>
      {props.title === undefined ? null : (
        <div class="card-head">
          <h2>{props.title}</h2>
          {props.aside === undefined ? null : <div class="card-aside">{props.aside}</div>}
        </div>
      )}
      {props.children}
    </section>
  );
}

export function Figure(props: {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly tone?: "warn" | "bad";
}) {
  return (
    <div class="figure">
      <dt>{props.label}</dt>
      <dd class={props.tone === undefined ? "" : `tone-${props.tone}`}>{props.value}</dd>
      {props.note === undefined ? null : <dd class="figure-note">{props.note}</dd>}
    </div>
  );
}

/** What there is when there is nothing, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <div class="empty-text">{children}</div>}
    </div>
  );
}

export function ProblemBox({ problem, onRetry }: { readonly problem: Problem; readonly onRetry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p class="problem-title">{problem.title}</p>
      <p>{problem.detail}</p>
      {problem.errors.length === 0 ? null : (
        <ul>
          {problem.errors.map(({ field, expected, got }) => (
            <li key={field}>
              <code>{field}</code>: {expected}
              {got === undefined ? "" : `, not ${got}`}
            </li>
          ))}
        </ul>
      )}
      {problem.hint === null ? null : <p class="muted">{problem.hint}</p>}
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** As high as what will stand here, so that nothing jumps. */
export function Skeleton({ rows = 3, height = 44 }: { readonly rows?: number; readonly height?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="skeleton-row" style={{ height: `${height}px` }} />
      ))}
    </div>
  );
}

export function Notes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
