/** The audience as a Streamlit component (components v2): no iframe, one call for every change of data or theme. */

import { overHttp } from "../served.ts";
import { Jury } from "./jury.ts";
import type { JuryProps } from "./types.ts";

interface Component {
  data: JuryProps;
  parentElement: HTMLElement | ShadowRoot;
  setTriggerValue(name: "rated", value: number): void;
}

interface Mounted {
  jury: Jury;
  /** What it shows: another recording is another stage. */
  what: string;
}

/** Who rates one thing after the other is left alone until they pause. */
const PAUSE_MS = 1200;

/** Streamlit calls again on every rerun; the live view is found by the element it lives in. */
const living = new WeakMap<HTMLElement | ShadowRoot, Mounted>();

export default function audience({ data, parentElement, setTriggerValue }: Component): () => void {
  const what = JSON.stringify([data.recording.id, data.audio.url]);
  const known = living.get(parentElement);
  if (known?.what === what) known.jury.update(data);
  else {
    close(parentElement);
    const host = document.createElement("div");
    parentElement.append(host);
    let timer = 0;
    let count = 0;
    // The figures below the stage are the page's: it is told once somebody has rated.
    const rated = (): void => {
      clearTimeout(timer);
      timer = window.setTimeout(() => host.isConnected && setTriggerValue("rated", ++count), PAUSE_MS);
    };
    living.set(parentElement, { jury: new Jury(host, data, overHttp(data), rated), what });
  }
  return () => close(parentElement);
}

function close(parent: HTMLElement | ShadowRoot): void {
  living.get(parent)?.jury.close();
  living.delete(parent);
}
