// Follows the page's scrolling for a list that lies in it, and says which rows are to be drawn.

import { useEffect, useRef, useState } from "preact/hooks";
import { type RowWindow, rowWindow } from "../view/window.ts";

/** Shorter lists are drawn whole. */
const WHOLE_UP_TO = 80;

export function useRowWindow<Element_ extends HTMLElement>(total: number, rowHeight: number) {
  const place = useRef<Element_>(null);
  const [seen, setSeen] = useState<RowWindow>(() => rowWindow(total, rowHeight, { scrolled: 0, height: innerHeight }));
  const isWhole = total <= WHOLE_UP_TO;
  useEffect(() => {
    if (isWhole) return;
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const top = place.current?.getBoundingClientRect().top ?? 0;
      const next = rowWindow(total, rowHeight, { scrolled: -top, height: innerHeight });
      setSeen((now) => (now.from === next.from && now.to === next.to && now.after === next.after ? now : next));
    };
    const ask = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    addEventListener("scroll", ask, { passive: true });
    addEventListener("resize", ask);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", ask);
      removeEventListener("resize", ask);
    };
  }, [total, rowHeight, isWhole]);
  const whole: RowWindow = { from: 0, to: total, before: 0, after: 0 };
  return { place, rows: isWhole ? whole : seen };
}
