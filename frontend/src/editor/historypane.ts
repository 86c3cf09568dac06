/** Every revision there is: to be looked at beside what is marked now, and to be brought back. */

import { el } from "../dom.ts";
import type { Revision } from "./desk.ts";
import { dock } from "./dock.ts";

export interface HistoryPane {
  root: HTMLElement;
  show(revisions: readonly Revision[], head: number | null, looking: number | null): void;
  wait(text: string): void;
}

export function historyPane(look: (number: number | null) => void, restore: (number: number) => void, close: () => void): HistoryPane {
  const list = el("ul", { class: "listing", "data-testid": "history-list" });
  const note = el("p", { class: "fit" });
  const root = dock("History", "history", "a click shows a revision as a lane of its own", close, note, list);

  return {
    root,
    wait: (text) => {
      note.textContent = text;
      list.replaceChildren();
    },
    show(revisions, head, looking) {
      note.textContent = revisions.length ? "" : "Nothing was saved yet. Ctrl+S makes the first revision.";
      list.replaceChildren(
        ...revisions.map((revision) => {
          const open = revision.number === looking;
          const what = el(
            "button",
            { type: "button", class: "what", "aria-pressed": String(open), "data-testid": "revision", "data-number": revision.number },
            el("span", {}, `#${revision.number}`),
            el("time", { datetime: revision.time }, new Date(revision.time).toLocaleString([], { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false })),
            el("span", {}, revision.summary || "", revision.note ? el("small", {}, ` ${revision.note}`) : null),
          );
          what.addEventListener("click", () => look(open ? null : revision.number));
          const back = el("button", { type: "button", class: "act", "data-testid": "restore" }, "restore");
          back.addEventListener("click", () => restore(revision.number));
          return el("li", { "aria-current": String(open) }, what, revision.number === head ? el("small", {}, "newest") : back);
        }),
      );
    },
  };
}
