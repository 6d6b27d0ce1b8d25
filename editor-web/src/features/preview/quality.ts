/** How large the picture is drawn: as chosen, or by what the machine can do in time. */

export const QUALITIES = ["auto", "full", "half"] as const;
export type Quality = (typeof QUALITIES)[number];

const LATE_MAX = 3; // frames in a row

/** What follows when somebody asks for the next one. */
export const nextQuality = (quality: Quality): Quality =>
  QUALITIES[(QUALITIES.indexOf(quality) + 1) % QUALITIES.length] ?? "auto";

/** Auto: half the size after three late frames in a row, the whole size again at the next pause. */
export class QualityGauge {
  #chosen: Quality = "auto";
  #late = 0;
  #isBehind = false;
  /** Streams need a moment to begin: what is late until the first frame in time says nothing. */
  #hasBegun = false;
  #frame = -1;

  /** What the size is multiplied with: 1 or 0.5. */
  get share(): number {
    if (this.#chosen !== "auto") return this.#chosen === "half" ? 0.5 : 1;
    return this.#isBehind ? 0.5 : 1;
  }

  choose(quality: Quality): void {
    this.#chosen = quality;
    this.pause();
  }

  /** Tells of a frame that was drawn while playing; one drawn again counts once. */
  played(frame: number, isLate: boolean): void {
    if (!isLate) this.#hasBegun = true;
    if (!this.#hasBegun || frame === this.#frame) return;
    this.#frame = frame;
    this.#late = isLate ? this.#late + 1 : 0;
    if (this.#late >= LATE_MAX) this.#isBehind = true;
  }

  pause(): void {
    this.#late = 0;
    this.#isBehind = false;
    this.#hasBegun = false;
    this.#frame = -1;
  }
}
