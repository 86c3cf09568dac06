/** A box that scrolls with what is heard, leaves its reader alone, and offers the way back. */

import { el, focus } from "./dom.ts";

/** After the reader scrolled, the place is left alone for this long. */
const PATIENCE_MS = 5000;
/** What is heard stays between these shares of the box's height, and is brought to the third. */
const [TOP, BOTTOM, AIM] = [0.12, 0.7, 0.3];

export interface Follower {
  /** "follow": back to what is heard. */
  back: HTMLButtonElement;
  /** Scroll to what is heard, unless somebody is reading. */
  follow(): void;
  /** Show a place that was asked for, at once. */
  show(node: HTMLElement): void;
  /** Somebody is reading elsewhere. */
  leave(): void;
  /** Nobody is. */
  come(): void;
}

export function follower(box: HTMLElement, heard: () => HTMLElement | null, still: () => boolean): Follower {
  let touched = -Infinity;
  const back = el("button", { type: "button", class: "back", hidden: true, "data-testid": "transcript-follow" }, "follow");
  back.addEventListener("click", () => {
    come();
    follow();
  });

  for (const kind of ["wheel", "touchmove"]) box.addEventListener(kind, leave, { passive: true });
  box.addEventListener("pointerdown", (event) => event.target === box && leave());
  box.addEventListener("keydown", (event) => /^Page(Up|Down)$/.test(event.key) && leave());
  box.addEventListener("scroll", offer, { passive: true });

  function leave(): void {
    touched = performance.now();
    offer();
    window.setTimeout(offer, PATIENCE_MS + 50);
  }

  function come(): void {
    touched = -Infinity;
    focus.byKeyboard = false;
  }

  /** Whether somebody reads for themselves: scrolling, or walking along the words by keyboard. */
  function reading(): boolean {
    return performance.now() - touched < PATIENCE_MS || (focus.byKeyboard && box.matches(":focus-within"));
  }

  function follow(): void {
    const target = heard();
    if (target && !reading()) bring(target, still() ? "auto" : "smooth");
    offer();
  }

  function bring(node: HTMLElement, behavior: ScrollBehavior): void {
    const [frame, place] = [box.getBoundingClientRect(), node.getBoundingClientRect()];
    if (place.top >= frame.top + frame.height * TOP && place.bottom <= frame.top + frame.height * BOTTOM) return;
    box.scrollTo({ top: box.scrollTop + place.top - frame.top - frame.height * AIM, behavior });
  }

  /** The way back is offered while the reader is elsewhere. */
  function offer(): void {
    const target = reading() ? heard() : null;
    if (!target) return void (back.hidden = true);
    const [frame, place] = [box.getBoundingClientRect(), target.getBoundingClientRect()];
    back.hidden = place.bottom > frame.top && place.top < frame.bottom;
  }

  function show(node: HTMLElement): void {
    bring(node, "auto");
    // Passages on the way have a guessed height until they are drawn: once they are, the place is found again.
    requestAnimationFrame(() => requestAnimationFrame(() => bring(node, "auto")));
  }

  return { back, follow, show, leave, come };
}
