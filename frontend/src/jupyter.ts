/** The player as a Jupyter widget (anywidget): sound and peaks come through the widget's own channel. */

import { VALUES } from "./peaks.ts";
import { Player } from "./player.ts";
import type { Props } from "./types.ts";

interface Model {
  get(name: "props"): Props;
  get(name: "audio_type"): string;
  get(name: "audio"): DataView;
  get(name: "peaks"): DataView;
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const props = model.get("props");
  const audioUrl = URL.createObjectURL(new Blob([bytes(model.get("audio"))], { type: model.get("audio_type") }));
  const peaks = bytes(model.get("peaks"));
  const starts = offsets(props);
  const host = document.createElement("div");
  // JupyterLab leaves the keys to us while the focus is in here.
  host.dataset.lmSuppressShortcuts = "true";
  el.append(host);
  const player = new Player(
    host,
    props,
    {
      audioUrl,
      bins: async (level, from, to) => new Int8Array(peaks.buffer, peaks.byteOffset + (starts[level]! + from) * VALUES, (to - from) * VALUES),
    },
    { pageKeys: false },
  );
  return () => {
    player.close();
    host.remove();
    URL.revokeObjectURL(audioUrl);
  };
}

/** The levels lie one after the other. */
function offsets(props: Props): number[] {
  let sum = 0;
  return (props.peaks?.levels ?? []).map((length) => (sum += length) - length);
}

function bytes(view: DataView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}

export default { render };
