// Which rows of a long list are drawn: those in view and a few beyond, so that a thousand cost what forty do.

export interface Viewport {
  /** How far the list has been scrolled past its top; negative: its top is still below. */
  readonly scrolled: number;
  readonly height: number;
}

export interface RowWindow {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

const BEYOND = 8;

export function rowWindow(total: number, rowHeight: number, { scrolled, height }: Viewport): RowWindow {
  const first = Math.floor(scrolled / rowHeight) - BEYOND;
  const last = Math.ceil((scrolled + height) / rowHeight) + BEYOND;
  const from = Math.min(Math.max(0, first), Math.max(0, total - 1));
  const to = Math.min(total, Math.max(last, from + BEYOND));
  return { from, to, before: from * rowHeight, after: (total - to) * rowHeight };
}
