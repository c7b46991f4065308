// One choice of several, and a text to filter by.

import { Icon } from "./icons.tsx";

export function Select(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onChange: (value: string) => void;
}) {
  return (
    <label class="select">
      <span class="sr-only">{props.label}</span>
      <select
        value={props.value}
        aria-label={props.label}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  );
}

export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}) {
  return (
    <label class="search">
      <Icon name="look" />
      <input
        type="search"
        aria-label={props.label}
        placeholder={props.label}
        value={props.value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}

export function Tabs<Name extends string>(props: {
  readonly label: string;
  readonly value: Name;
  readonly options: readonly (readonly [Name, string])[];
  readonly onChange: (value: Name) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.options.map(([name, label]) => (
        <button key={name} type="button" aria-pressed={props.value === name} onClick={() => props.onChange(name)}>
          {label}
        </button>
      ))}
    </div>
  );
}
