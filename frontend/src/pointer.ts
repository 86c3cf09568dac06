/** Mouse, pen, finger and wheel on the waveform: click to go there, drag to move, pinch or Ctrl and wheel to zoom. */

import type { Viewport } from "./view.ts";

interface Field {
  view: Viewport;
  detail: HTMLElement;
  strip: HTMLElement;
  seek(time: number): void;
  /** The view was moved by hand. */
  moved(): void;
  hover(time: number | null, event?: PointerEvent): void;
}

/** Movement below this many pixels is a click. */
const SLACK = 4;

export function navigate(field: Field): void {
  detail(field);
  strip(field);
}

function detail({ view, detail: box, seek, moved, hover }: Field): void {
  const place = (event: { clientX: number }): number => event.clientX - box.getBoundingClientRect().left;
  const fingers = new Map<number, number>();
  let [origin, dragged, start] = [0, false, 0];
  let spread = 0;

  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    box.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
    [origin, dragged, start] = [place(event), false, view.start];
    const [a, b] = [...fingers.values()];
    spread = fingers.size === 2 ? Math.abs(a! - b!) : 0;
    if (spread) dragged = true;
  });
  box.addEventListener("pointermove", (event) => {
    const x = place(event);
    if (!fingers.has(event.pointerId)) return hover(view.toTime(x), event);
    fingers.set(event.pointerId, x);
    if (fingers.size === 2) {
      const [a, b] = [...fingers.values()] as [number, number];
      const now = Math.max(8, Math.abs(a - b));
      if (spread) view.zoom(spread / now, view.toTime((a + b) / 2));
      spread = now;
      return moved();
    }
    if (!dragged && Math.abs(x - origin) < SLACK) return;
    dragged = true;
    hover(null);
    box.classList.toggle("dragging", !view.whole);
    view.set(start - (x - origin) / view.pixelsPerSecond, view.span);
    moved();
  });
  const lift = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return;
    box.classList.remove("dragging");
    // With everything on view there is nothing to move: a drag ends as a click where it ends.
    if (event.type === "pointerup" && (!dragged || view.whole) && !fingers.size) seek(view.toTime(place(event)));
  };
  box.addEventListener("pointerup", lift);
  box.addEventListener("pointercancel", lift);
  box.addEventListener("pointerleave", () => hover(null));
  box.addEventListener(
    "wheel",
    (event) => {
      const line = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      if (event.ctrlKey || event.metaKey) view.zoom(Math.exp((event.deltaY * line) / 220), view.toTime(place(event)));
      else {
        // Up and down scrolls the page; sideways, or with Shift, moves along the recording.
        const sideways = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
        if (!sideways || view.whole) return;
        view.pan((sideways * line) / view.pixelsPerSecond);
      }
      event.preventDefault();
      moved();
    },
    { passive: false },
  );
}

function strip({ view, strip: box, seek, moved }: Field): void {
  const share = (event: PointerEvent): number => {
    const frame = box.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - frame.left) / frame.width));
  };
  let grip: { offset: number; from: number; held: boolean } | null = null;

  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    box.setPointerCapture(event.pointerId);
    const time = share(event) * view.duration;
    const held = !view.whole && time >= view.start && time <= view.end;
    grip = { offset: time - view.start, from: event.clientX, held };
  });
  box.addEventListener("pointermove", (event) => {
    if (!grip?.held || Math.abs(event.clientX - grip.from) < SLACK) return;
    grip.from = -Infinity;
    view.set(share(event) * view.duration - grip.offset, view.span);
    moved();
  });
  box.addEventListener("pointerup", (event) => {
    if (grip && grip.from !== -Infinity) seek(share(event) * view.duration);
    grip = null;
  });
  box.addEventListener("pointercancel", () => (grip = null));
}
