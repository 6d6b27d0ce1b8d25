/**
 * Facts about assets, as values. The document says where things are; this says what they are.
 * Names are those of the JSON that both languages read.
 */
import type { Flicks } from "./time";

/** "missing" is said of what the server knows not to be there; what is not in the table counts as missing, too. */
export type AssetState = "ready" | "pending" | "failed" | "missing";

/**
 * What resolve and the edits need to know of an asset. `duration` is in ticks from the first
 * displayed picture, null for stills and where unknown; `start_tc` is the embedded timecode.
 */
export interface AssetFacts {
  readonly state: AssetState;
  readonly duration: Flicks | null;
  readonly fps_num: number;
  readonly fps_den: number;
  readonly has_video: boolean;
  readonly has_audio: boolean;
  readonly start_tc: Flicks;
}

export type AssetTable = ReadonlyMap<string, AssetFacts>;
