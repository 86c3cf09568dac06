/** Where an edit comes to lie: on a beat, on a downbeat, or anywhere. */

export type Snap = "beat" | "bar" | "off";
