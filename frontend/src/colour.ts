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

const STAGE: Rgb = [12, 14, 20];
export const DARK_INK = "#000000";
export const LIGHT_INK = "#ffffff";

/** The ink that reads better on a score's colour over the stage: at least 4.5 to 1 (WCAG 2.2, 1.4.3). */
export function inkOn(score: number, opacity: number): string {
  const ground = mix(score).map((value, i) => value * opacity + STAGE[i]! * (1 - opacity));
  const luminance = luminanceOf(ground);
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? DARK_INK : LIGHT_INK;
}

/** Relative luminance of an sRGB colour, as WCAG defines it. */
export function luminanceOf(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
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
