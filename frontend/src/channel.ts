/** Sound and peaks that came through a widget's own channel. */

import { VALUES } from "./peaks.ts";
import type { PeaksMeta, Sources } from "./types.ts";

export interface Carried {
  get(name: "audio_type"): string;
  get(name: "audio"): DataView;
  get(name: "peaks"): DataView;
}

/** The sources, and how to let go of them. */
export function carried(model: Carried, meta: PeaksMeta | null): { sources: Sources; close(): void } {
  const audioUrl = URL.createObjectURL(new Blob([bytes(model.get("audio"))], { type: model.get("audio_type") }));
  const peaks = bytes(model.get("peaks"));
  const starts = offsets(meta);
  return {
    sources: {
      audioUrl,
      bins: async (level, from, to) => new Int8Array(peaks.buffer, peaks.byteOffset + (starts[level]! + from) * VALUES, (to - from) * VALUES),
    },
    close: () => URL.revokeObjectURL(audioUrl),
  };
}

/** The levels lie one after the other. */
function offsets(meta: PeaksMeta | null): number[] {
  let sum = 0;
  return (meta?.levels ?? []).map((length) => (sum += length) - length);
}

function bytes(view: DataView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}
