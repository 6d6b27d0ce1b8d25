/** Where a picture lies in the file that a `<video>` plays. */
import { TICKS } from "@/timeline-core/time";

/** Seconds to seek to, for the picture of an asset that contains a source tick: its middle. */
export function seekSeconds(at: number, num: number, den: number, duration: number | null): number {
  const last =
    duration === null ? Number.POSITIVE_INFINITY : Math.floor((duration * num) / (TICKS * den)) - 1;
  const number = Math.min(Math.max(0, last), Math.max(0, Math.floor((at * num) / (TICKS * den))));
  return ((number + 0.5) * den) / num;
}
