// A number with its unit, and with buttons for thumbs.

import { useId } from "preact/hooks";

export function NumberField(props: {
  readonly label: string;
  readonly unit: string;
  readonly value: string;
  readonly step: number;
  readonly fault?: string | null;
  readonly placeholder?: string;
  readonly testId?: string;
  readonly onInput: (value: string) => void;
}) {
  const { label, unit, value, step, fault = null } = props;
  const id = useId();
  const move = (by: number): void => {
    const digits = step < 1 ? 3 : 0;
    const next = Math.max(0, (Number(value) || 0) + by * step);
    props.onInput(String(Number(next.toFixed(digits))));
  };
  return (
    <div class="field">
      <label for={id}>
        {label} <span class="muted">{unit}</span>
      </label>
      <div class="stepper">
        <button type="button" aria-label={`Less: ${label}`} onClick={() => move(-1)}>
          −
        </button>
        <input
          id={id}
          inputMode="decimal"
          autocomplete="off"
          value={value}
          placeholder={props.placeholder}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : `${id}-fault`}
          data-testid={props.testId}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <button type="button" aria-label={`More: ${label}`} onClick={() => move(1)}>
          +
        </button>
      </div>
      {fault === null ? null : (
        <p class="help tone-bad" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
