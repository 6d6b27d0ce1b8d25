/** Play in circles between in and out, and what is heard of single frames while somebody scrubs. */
import { type RefObject, useEffect, useRef } from "react";
import type { PreviewEngine } from "@/features/preview/engine";
import { useCommands } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { usePreferences } from "@/lib/preferences";
import { type Stage, useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import { type Flicks, flicks, TICKS } from "@/timeline-core/time";

const SCRUB_SECONDS = 0.04; // a frame's worth, as tape gave it
const SAMPLE_RATE = 48_000;

export function usePlaying(
  engine: RefObject<PreviewEngine | null>,
  duration: Flicks,
  frameTicks: number,
): void {
  useCommands({
    "play.loop": () => {
      const { loop, set } = useStage.getState();
      set({ loop: !loop });
      toast(loop ? say.play.loopOff : say.play.loopOn);
    },
    "play.scrub-sound": () => {
      const { values, put } = usePreferences.getState();
      const on = values.scrubSound === false;
      put({ scrubSound: on });
      toast(on ? say.play.scrubOn : say.play.scrubOff);
    },
  });
  useEffect(
    () =>
      useStage.subscribe((now, before) => {
        const again = now.loop ? loopedTo(now, before, duration, frameTicks) : null;
        if (again === null) return;
        now.seek(again);
        if (!now.playing) now.play(before.shuttle);
      }),
    [duration, frameTicks],
  );
  useScrubSound(engine);
}

/** Where play begins again; null while it is between in and out, or somebody stopped it. */
export function loopedTo(
  now: Stage,
  before: Stage,
  duration: Flicks,
  frameTicks: number,
): Flicks | null {
  const from = now.range.from ?? flicks(0);
  const to = Math.min(now.range.to ?? duration, duration);
  if (to <= from || !before.playing || before.shuttle <= 0) return null;
  // Play ends by itself only at the film's end.
  const ran = now.playing || now.playhead >= duration;
  const crossed = before.playhead < to && now.playhead >= to - (now.playing ? 0 : frameTicks);
  return ran && crossed ? from : null;
}

/** Each step of the playhead while it stands is heard for a moment, where people want that. */
function useScrubSound(engine: RefObject<PreviewEngine | null>): void {
  const context = useRef<AudioContext | null>(null);
  const busy = useRef(false);
  useEffect(() => {
    const stop = useStage.subscribe((now, before) => {
      if (now.playing || before.playing || now.playhead === before.playhead) return;
      if (usePreferences.getState().values.scrubSound === false || busy.current) return;
      const source = engine.current;
      if (!source || !navigator.userActivation?.hasBeenActive) return;
      busy.current = true;
      context.current ??= new AudioContext({ sampleRate: SAMPLE_RATE });
      const { current } = context;
      source
        .renderSound(now.playhead / TICKS, SCRUB_SECONDS)
        .then((channels) => {
          if (!useStage.getState().playing) sounded(current, channels);
        })
        .finally(() => {
          busy.current = false;
        });
    });
    return () => {
      stop();
      void context.current?.close();
      context.current = null;
    };
  }, [engine]);
}

function sounded(context: AudioContext, channels: readonly Float32Array[]): void {
  const [left] = channels;
  if (!left || left.length === 0) return;
  const buffer = context.createBuffer(channels.length, left.length, SAMPLE_RATE);
  channels.forEach((samples, index) => {
    buffer.copyToChannel(new Float32Array(samples), index);
  });
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.start();
}
