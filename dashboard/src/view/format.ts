// Numbers with their units, as the console writes them everywhere.

export const NONE = "–";

/** `$0.334`; money of a day and more has two digits, prices per hour three. */
export function usd(value: number | null, digits = 2): string {
  if (value === null) return NONE;
  const isTiny = value > 0 && value < 0.5 * 10 ** -digits;
  if (isTiny) return `<$${(10 ** -digits).toFixed(digits)}`;
  // A debt of less than can be shown is no debt.
  const shown = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value;
  return shown.toLocaleString("en-US", {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function usdPerHour(value: number | null): string {
  return value === null ? NONE : `${usd(value, 3)}/hr`;
}

/** `24.8`, and for slow work `0.078`: two digits that say something. */
export function rate(value: number | null): string {
  if (value === null) return NONE;
  if (value === 0) return "0";
  return value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}

export function whole(value: number | null): string {
  return value === null ? NONE : Math.round(value).toLocaleString("en-US");
}

/** `1.46M`; exact below ten thousand. */
export function compact(value: number | null): string {
  if (value === null) return NONE;
  if (value < 10_000) return whole(value);
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}

/** `45 s`, `3 min`, `2 h 05 min`, `4 d 2 h`. */
export function duration(seconds: number | null): string {
  if (seconds === null) return NONE;
  const all = Math.max(0, Math.floor(seconds));
  if (all < 60) return `${all} s`;
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes} min`;
  const full = Math.floor(minutes / 60);
  if (full < 48) return minutes % 60 === 0 ? `${full} h` : `${full} h ${String(minutes % 60).padStart(2, "0")} min`;
  const days = Math.floor(full / 24);
  return full % 24 === 0 ? `${days} d` : `${days} d ${full % 24} h`;
}

/** Hours of credit: `74 h`, `9.5 h`, `12 d`. */
export function hours(value: number | null): string {
  if (value === null) return NONE;
  if (value >= 240) return `${Math.floor(value / 24)} d`;
  return value >= 10 ? `${Math.floor(value)} h` : `${value.toFixed(1)} h`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}

export function percent(share: number | null): string {
  return share === null ? NONE : `${(share * 100).toFixed(share >= 0.9995 || share === 0 ? 0 : 1)} %`;
}

/** `4.1`, or `4.1–4.2` where the ends differ. */
export function span(low: number, high: number, digits: number): string {
  const [from, to] = [low.toFixed(digits), high.toFixed(digits)];
  return from === to ? from : `${from}–${to}`;
}
