/** Colours that are computed: the diverging scale of scores. Labels bring theirs from Python. */

type Rgb = readonly [number, number, number];

// Orange to blue through a pale lilac: told apart with any kind of colour vision, and nowhere the grey of "unknown".
const LOW: Rgb = [240, 116, 64];
const MIDDLE: Rgb = [228, 212, 232];
const HIGH: Rgb = [72, 160, 245];

/** The colour of a score from 1 to 5, diverging around 3. */
export function scoreColour(score: number, opacity = 1): string {
  return `rgba(${mix(score).join(", ")}, ${opacity.toFixed(3)})`;
}

/** Whether dark text reads better than white on a score's colour over the stage. */
export function isLight(score: number, opacity: number): boolean {
  const [r, g, b] = mix(score) as [number, number, number];
  return (0.3 * r + 0.59 * g + 0.11 * b) * opacity > 112;
}

function mix(score: number): number[] {
  const place = Math.min(1, Math.max(-1, (score - 3) / 2));
  // The root spreads the middle of the scale, where most scores lie.
  const amount = Math.abs(place) ** 0.7;
  const end = place < 0 ? LOW : HIGH;
  return MIDDLE.map((from, i) => Math.round(from + (end[i]! - from) * amount));
}

/** Confidence as opacity: faint, but never invisible. */
export function opacityOf(confidence: number | null): number {
  return 0.35 + 0.65 * Math.min(1, Math.max(0, confidence ?? 0.5));
}
