/** What is said, to be read and corrected: a click goes to a word, a double click types into it, chips judge a passage. */

import { el, still } from "../dom.ts";
import { follower } from "../follow.ts";
import { short, spanAt } from "../time.ts";
import { commandNamed, type Editor, shownKey } from "./commands.ts";
import type { Judgement, Passage, Safety } from "./document.ts";
import { correctWord, selectWord } from "./speaking.ts";
import { CANNOT_TELL } from "./judging.ts";

export interface SpeechPane {
  root: HTMLElement;
  refresh(): void;
  light(time: number): void;
}

interface Turn {
  node: HTMLElement;
  words: HTMLElement[];
}

/** What is offered above the text; each has its key. */
const SHOWN = ["word.correct", "word.insert", "word.delete", "passage.split", "passage.merge", "word.start", "word.end", "passage.add", "passage.remove", "speech.accept"] as const;

export function speechPane(editor: Editor): SpeechPane {
  const { session, deck } = editor;
  const list = el("div", { class: "turns", role: "listbox", "aria-label": "Passages", "data-testid": "speech-turns" });
  const tools = el("div", { class: "rowed" }, ...SHOWN.map(offer));
  const note = el("small");
  const made = new WeakMap<Passage, Turn>();
  let shown: readonly Passage[] | null = null;
  let turns: Turn[] = [];
  let lit: HTMLElement | null = null;
  const follow = follower(list, () => lit, still);
  const root = el("div", { class: "speech", role: "region", "aria-label": "Speech", "data-testid": "panel-speech", hidden: true }, el("header", {}, el("strong", {}, "Speech"), note, follow.back), tools, list);

  function offer(id: string): HTMLElement {
    const command = commandNamed(id);
    const button = el("button", { type: "button", class: "act", "data-command": id, title: command.title }, command.title, el("kbd", {}, shownKey(command.keys[0]!)));
    button.addEventListener("click", () => {
      session.lane = "passages";
      if (command.enabled(editor)) command.run(editor);
    });
    return button;
  }

  function passages(): readonly Passage[] {
    return session.document.passages ?? session.suggestion?.passages ?? [];
  }

  /** Passages that an edit did not touch keep their elements. */
  function turn(passage: Passage): Turn {
    const known = made.get(passage);
    if (known) return known;
    const words = passage.words.map((word) => el("span", { class: word.probability !== null && word.probability < 0.5 ? "word unsure" : "word", "data-testid": "word" }, word.text));
    const chip = (id: string, text: string, kind = ""): HTMLElement => el("button", { type: "button", tabindex: -1, class: kind, "data-does": id, title: commandNamed(id).title }, text);
    const cannot = (judgement: Judgement): string => (judgement.reason === CANNOT_TELL ? "cannot" : "");
    const node = el(
      "div",
      { class: "turn", role: "option", tabindex: -1, "data-testid": "turn" },
      el(
        "div",
        { class: "facts" },
        el("time", {}, `${short(passage.start)}–${short(passage.end)}`),
        chip("speaker", passage.speaker ?? "who speaks?"),
        chip("topic", judged(passage.topic, "topic"), cannot(passage.topic)),
        chip("tone", judged(passage.tone, "tone"), cannot(passage.tone)),
        chip("safety", ...safety(passage.safety)),
      ),
      el("p", { lang: passage.language }, ...(words.length ? words.flatMap((word) => [word, " "]) : [passage.text])),
    );
    const result = { node, words };
    made.set(passage, result);
    return result;
  }

  function refresh(): void {
    if (root.hidden) return;
    const now = passages();
    if (now !== shown) {
      shown = now;
      turns = now.map(turn);
      turns.forEach(({ node }, index) => (node.dataset.index = String(index)));
      const nodes = turns.map(({ node }) => node);
      if (nodes.length !== list.childElementCount || nodes.some((node, index) => list.children[index] !== node)) list.replaceChildren(...nodes);
      note.textContent = session.document.passages ? `${now.length} passages` : `${now.length} passages, as the model heard them: the first correction makes them yours`;
    }
    const { items, word } = session.selection;
    const chosen = session.lane === "passages" ? items : [];
    turns.forEach(({ node, words }, index) => {
      const selected = chosen.includes(index);
      if (node.getAttribute("aria-selected") !== String(selected)) {
        node.setAttribute("aria-selected", String(selected));
        node.tabIndex = selected || (!chosen.length && index === 0) ? 0 : -1;
      }
      const current = selected && items.length === 1 ? word : null;
      for (const other of node.querySelectorAll(".chosen")) if (other !== words[current ?? -1]) other.classList.remove("chosen");
      if (current !== null) words[current]?.classList.add("chosen");
    });
    const first = turns[chosen[0] ?? -1];
    if (first && !deck.playing) follow.show(first.node);
    for (const button of tools.querySelectorAll("button")) button.disabled = !commandNamed(button.dataset.command!).enabled(editor);
  }

  function light(time: number): void {
    if (root.hidden || !shown) return;
    const index = spanAt(shown, time);
    const passage = shown[index];
    const word = passage ? spanAt(passage.words, time) : -1;
    const next = turns[index]?.words[word] ?? null;
    if (next === lit) return;
    lit?.classList.remove("now");
    lit = next;
    lit?.classList.add("now");
    if (deck.playing) follow.follow();
  }

  /** Which passage and word an event is about. */
  function at(event: Event): { passage: number; word: number } | null {
    const target = event.target as HTMLElement;
    const node = target.closest<HTMLElement>(".turn");
    if (!node) return null;
    const passage = Number(node.dataset.index);
    return { passage, word: turns[passage]?.words.indexOf(target.closest<HTMLElement>(".word")!) ?? -1 };
  }

  list.addEventListener("click", (event) => {
    const place = at(event);
    const does = (event.target as HTMLElement).closest<HTMLElement>("[data-does]")?.dataset.does;
    if (!place || (event.target as HTMLElement).tagName === "INPUT") return;
    if (place.word >= 0) return selectWord(editor, place.passage, place.word);
    session.lane = "passages";
    if (event.ctrlKey || event.metaKey) return session.toggle(place.passage);
    const held = session.selection.held && session.selection.items.includes(place.passage);
    if (!does || !held) session.select({ items: [place.passage], held: true });
    if (does) commandNamed(does).run(editor);
    else if (!deck.playing) deck.seek(passages()[place.passage]!.start);
  });
  list.addEventListener("dblclick", (event) => {
    const place = at(event);
    if (place && place.word >= 0) type(place.passage, place.word);
  });

  /** Type over a word where it stands; Enter and Tab keep, Escape leaves. */
  function type(passage: number, word: number): void {
    const span = turns[passage]?.words[word];
    const text = passages()[passage]?.words[word]?.text;
    if (!span || text === undefined) return;
    const field = el("input", { class: "retype", value: text, "aria-label": "the word", "data-testid": "word-field", spellcheck: "true", style: `width: ${Math.max(3, text.length + 2)}ch` });
    let open = true;
    const end = (keep: boolean): void => {
      if (!open) return;
      open = false;
      const typed = field.value.trim();
      span.textContent = text;
      if (keep && typed && typed !== text) correctWord(editor, passage, word, typed);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") end(false);
      else if (event.key === "Enter") end(true);
      else if (event.key === "Tab") {
        end(true);
        refresh();
        type(passage, word + (event.shiftKey ? -1 : 1));
      } else return;
      event.preventDefault();
    });
    field.addEventListener("blur", () => end(true));
    span.replaceChildren(field);
    field.focus({ preventScroll: true });
    field.select();
  }

  return { root, refresh, light };
}

function judged(judgement: Judgement, what: string): string {
  return judgement.label ?? (judgement.reason === CANNOT_TELL ? `${what}: ${CANNOT_TELL}` : `no ${what}`);
}

function safety({ status, categories, reason }: Safety): [string, string] {
  if (status === "clear") return ["✓ safe", ""];
  if (status === "unknown") return [reason === CANNOT_TELL ? `safety: ${CANNOT_TELL}` : "safety not judged", reason === CANNOT_TELL ? "cannot" : ""];
  const grave = Object.entries(categories).sort((a, b) => b[1] - a[1])[0];
  return [`⚑ ${grave && grave[1] > 0 ? `${grave[0].replace("_", "-")} ${grave[1]}` : "flagged"}`, "flagged"];
}
