/** Sound and peaks from our own server. */

import { VALUES } from "./peaks.ts";
import type { PeaksMeta, Sources } from "./types.ts";

export function overHttp(data: { audio: { url: string }; peaks: PeaksMeta | null }): Sources {
  return {
    audioUrl: data.audio.url,
    async bins(level, from, to) {
      const [first, last] = [from * VALUES, to * VALUES - 1];
      const whole = from === 0 && to === data.peaks!.levels[level];
      const answer = await fetch(`${data.peaks!.url}/${level}`, whole ? {} : { headers: { Range: `bytes=${first}-${last}` } });
      if (!answer.ok) throw new Error(`peaks: ${answer.status}`);
      const bytes = new Int8Array(await answer.arrayBuffer());
      return answer.status === 206 || whole ? bytes : bytes.subarray(first, last + 1);
    },
  };
}
