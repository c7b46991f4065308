// How wide a place is, so that a drawing's letters keep their size in every window.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

export function useWidth(first: number) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const box = place.current;
    if (box === null) return;
    const take = (): void => setWidth(Math.max(280, Math.floor(box.clientWidth)));
    take();
    const sized = new ResizeObserver(take);
    sized.observe(box);
    return () => sized.disconnect();
  }, []);
  return { place, width };
}
