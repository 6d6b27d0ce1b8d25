/**
 * Resolved timelines, frames and layers as plain JSON: the shapes of `timeline.md` section 4, the
 * same as Python's [timeline-R2]. What is only for looking things up is left out.
 */
import type { Layer, OnFrames, Resolved } from "./resolved";

export const resolvedJson = ({ assets: _assets, sequences, ...rest }: Resolved): unknown => ({
  ...rest,
  sequences: Object.fromEntries([...sequences].map(([key, { id: _id, ...view }]) => [key, view])),
});

/** A resolved timeline on frames, with the rate and the length of the film. */
export const framesJson = ({
  resolved,
  cuts: _cuts,
  drawable: _drawable,
  ...rest
}: OnFrames): unknown => ({
  ...(resolvedJson(resolved) as object),
  ...rest,
});

export const layerJson = ({ track_effects, layers, ...rest }: Layer): unknown => ({
  ...rest,
  ...(track_effects.length === 0 ? {} : { track_effects }),
  ...(layers === undefined ? {} : { layers: layers.map(layerJson) }),
});
