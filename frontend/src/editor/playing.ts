/** Commands for the sound, for going to a place in it, and for how much of it is on view. */

import type { Command, Editor } from "./commands.ts";

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

const always = (): boolean => true;

export const playing: readonly Command[] = [
  { id: "play", keys: ["Space"], title: "play or pause", group: "Sound", enabled: always, run: ({ deck }) => (deck.playing ? deck.pause() : deck.play()) },
  { id: "play.section", keys: ["Shift+Space"], title: "play from the start of this section", group: "Sound", enabled: always, run: playFromStart },
  { id: "loop", keys: ["L"], title: "loop this section, or what is selected", group: "Sound", enabled: always, run: loop },
  { id: "cue", keys: ["C"], title: "cue: set it, return to it, hold to preview", group: "Sound", enabled: always, run: ({ deck }) => deck.cueDown(), release: ({ deck }) => deck.cueUp() },
  { id: "cue.return", keys: ["R"], title: "return to the cue", group: "Sound", enabled: always, run: ({ deck }) => deck.returnToCue() },
  { id: "metronome", keys: ["K"], title: "metronome on the grid", group: "Sound", enabled: ({ session }) => !session.grid.empty, run: ({ deck }) => deck.setMetronome(!deck.metronome) },
  { id: "slower", keys: ["<"], title: "slower, at the same pitch", group: "Sound", enabled: ({ deck }) => deck.rate > RATES[0], run: ({ deck }) => deck.setRate(RATES.findLast((rate) => rate < deck.rate) ?? RATES[0]) },
  { id: "faster", keys: [">"], title: "faster, at the same pitch", group: "Sound", enabled: ({ deck }) => deck.rate < RATES.at(-1)!, run: ({ deck }) => deck.setRate(RATES.find((rate) => rate > deck.rate) ?? RATES.at(-1)!) },

  ...moves("4", ["", -4, 4]),
  ...moves("1", ["Ctrl+", -1, 1]),
  ...moves("8", ["Shift+", -8, 8]),
  { id: "start", keys: ["Home"], title: "to the start", group: "Go to", enabled: always, run: ({ deck }) => deck.seek(0) },
  { id: "end", keys: ["End"], title: "to the end", group: "Go to", enabled: always, run: ({ session, deck }) => deck.seek(session.document.duration) },

  { id: "zoom.in", keys: ["+", "="], title: "zoom in", group: "Look", repeats: true, enabled: always, run: ({ deck }) => deck.zoom("in") },
  { id: "zoom.out", keys: ["-"], title: "zoom out", group: "Look", repeats: true, enabled: always, run: ({ deck }) => deck.zoom("out") },
  { id: "zoom.all", keys: ["0"], title: "show everything", group: "Look", enabled: always, run: ({ deck }) => deck.zoom("all") },
  { id: "spectrogram", keys: ["Shift+S"], title: "spectrogram", group: "Look", enabled: always, run: ({ shell }) => shell.toggle("spectrogram") },
];

function moves(name: string, [modifier, back, on]: [string, number, number]): Command[] {
  const bars = `${name} bar${name === "1" ? "" : "s"}`;
  const by = (count: number) => ({ session, deck }: Editor): void => {
    // Where there is no grid, a second stands for a bar.
    const to = session.grid.moved(deck.time, count) ?? deck.time + count;
    deck.seek(Math.min(Math.max(0, to), session.document.duration));
  };
  return [
    { id: `back.${name}`, keys: [`${modifier}ArrowLeft`], title: `${bars} back`, group: "Go to", repeats: true, enabled: always, run: by(back) },
    { id: `on.${name}`, keys: [`${modifier}ArrowRight`], title: `${bars} on`, group: "Go to", repeats: true, enabled: always, run: by(on) },
  ];
}

/** From the start of the first to the end of the last item that is meant. */
function stretch({ session, deck }: Editor): { start: number; end: number } {
  const targets = session.targets(deck.time);
  const [first, last] = [session.items[targets[0] ?? -1], session.items[targets.at(-1) ?? -1]];
  return first && last ? { start: first.start, end: last.end } : { start: 0, end: session.document.duration };
}

function playFromStart(editor: Editor): void {
  editor.deck.seek(stretch(editor).start);
  editor.deck.play();
}

function loop(editor: Editor): void {
  const { deck, session } = editor;
  if (deck.looping) deck.loop(null);
  else deck.loop(stretch(editor));
  session.say(deck.looping ? "looping" : "loop off");
}
