/** The sound of any stretch as it would be played, mixed from shortly before it. */
import { type Block, Mixer, type Need, type Samples, silence } from "./mix";
import { POINT_SAMPLES, SAMPLE_RATE, type SoundPlan } from "./sound-plan";

export const BLOCK = 20 * POINT_SAMPLES; // 0.2 s: whole points, so ducking goes on exactly
const PRE_ROLL = Math.ceil((0.6 * SAMPLE_RATE) / BLOCK) * BLOCK; // ducking as it stands then is that of the film

export interface Decoding extends Samples {
  /** Resolves when all of it can be read, or cannot be had. */
  readonly ready: (needs: readonly Need[]) => Promise<void>;
}

/** The sample at which mixing begins, so that at `start`, a whole 10 ms, ducking stands as in the film. */
export const mixedFrom = (plan: SoundPlan, start: number): number =>
  plan.buses.some(({ ducking }) => ducking.length > 0) ? Math.max(0, start - PRE_ROLL) : start;

/** Samples `start` ... at 48 kHz, any whole numbers >= 0: left and right. */
export const renderedSound = async (
  plan: SoundPlan,
  decoding: Decoding,
  start: number,
  samples: number,
): Promise<Block> => {
  const mixer = new Mixer(plan, decoding);
  const sides = silence(samples);
  const end = start + samples;
  const first = Math.floor(start / POINT_SAMPLES) * POINT_SAMPLES;
  for (let at = mixedFrom(plan, first); at < end; at += BLOCK) {
    const count = Math.min(BLOCK, end - at);
    await decoding.ready(mixer.needs(at, count));
    const block = mixer.block(at, count);
    for (const side of [0, 1] as const)
      sides[side].set(block[side].subarray(Math.max(0, start - at)), Math.max(0, at - start));
  }
  return sides;
};
