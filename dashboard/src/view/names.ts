// Which names can stand beside their points without lying over one another.

export interface NameBox {
  readonly key: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The first come, first served; a box without width has no name. */
export function freeNames(boxes: readonly NameBox[]): ReadonlySet<string> {
  const placed: NameBox[] = [];
  for (const box of boxes) {
    if (box.right <= box.left) continue;
    if (placed.every((other) => isApart(box, other))) placed.push(box);
  }
  return new Set(placed.map(({ key }) => key));
}

function isApart(a: NameBox, b: NameBox): boolean {
  return a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
}
