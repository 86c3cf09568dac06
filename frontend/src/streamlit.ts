/** The player as a Streamlit component (components v2): no iframe, one call for every change of data or theme. */

import { Player } from "./player.ts";
import { overHttp } from "./served.ts";
import type { Props } from "./types.ts";

interface Mounted {
  player: Player;
  recording: string;
  audio: string;
}

interface Component {
  data: Props;
  parentElement: HTMLElement | ShadowRoot;
}

/** Streamlit calls again on every rerun; the live player is found by the element it lives in. */
const living = new WeakMap<HTMLElement | ShadowRoot, Mounted>();

export default function streamlit({ data, parentElement }: Component): () => void {
  const known = living.get(parentElement);
  if (known && known.recording === data.recording.id && known.audio === data.audio.url) known.player.update(data);
  else {
    close(parentElement);
    const host = document.createElement("div");
    parentElement.append(host);
    const player = new Player(host, data, overHttp(data), { pageKeys: true });
    living.set(parentElement, { player, recording: data.recording.id, audio: data.audio.url });
  }
  return () => close(parentElement);
}

function close(parent: HTMLElement | ShadowRoot): void {
  living.get(parent)?.player.close();
  living.delete(parent);
}
