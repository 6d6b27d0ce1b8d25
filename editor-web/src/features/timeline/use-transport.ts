/** The transport's keys. The stage says what plays; the preview engine follows it. */
import { useCommands, useRegistry } from "@/lib/keys/use-commands";
import { useStage } from "@/lib/stage";
import { type Flicks, type Frames, flicks, frameContaining, tick } from "@/timeline-core/time";
import { cutsOf, type TimelineView } from "./model/view-model";

const SHUTTLE_MAX = 8;
const SLOW = 0.25; // K held, J or L held

export function useTransport(view: TimelineView): void {
  const registry = useRegistry();
  const isSlow = () => registry.isHeld("play.stop");
  const stage = () => useStage.getState();
  const step = (frames: number): void => {
    const now = frameContaining(stage().playhead, view.rate);
    stage().pause();
    stage().seek(tick(Math.max(0, now + frames) as Frames, view.rate));
  };
  const perSecond = Math.round(view.rate.num / view.rate.den);
  useCommands({
    "play.toggle": () => togglePlay(view),
    "play.stop": () => stage().pause(),
    "play.forward": () => (isSlow() ? slowOrStep(1, step) : shuttle(1)),
    "play.backward": () => (isSlow() ? slowOrStep(-1, step) : shuttle(-1)),
    "play.previous-frame": () => step(-1),
    "play.next-frame": () => step(1),
    "play.back-second": () => step(-perSecond),
    "play.forward-second": () => step(perSecond),
    "play.previous-cut": () => goToCut(view, -1),
    "play.next-cut": () => goToCut(view, 1),
    "play.start": () => stage().seek(flicks(0)),
    "play.end": () => stage().seek(lastFrame(view)),
    "range.in": () => stage().setRange({ from: stage().playhead }),
    "range.out": () => stage().setRange({ to: afterFrame(view, stage().playhead) }),
    "range.clear": () => stage().setRange({ from: null, to: null }),
    "range.go-in": () => stage().seek(stage().range.from ?? flicks(0)),
    "range.go-out": () => stage().seek(stage().range.to ?? view.duration),
  });
}

/** The out point is the first tick not shown: the frame under the playhead is still in. */
const afterFrame = (view: TimelineView, at: Flicks): Flicks =>
  tick((frameContaining(at, view.rate) + 1) as Frames, view.rate);

const lastFrame = (view: TimelineView): Flicks =>
  tick(Math.max(0, frameContaining(view.duration, view.rate) - 1) as Frames, view.rate);

function togglePlay(view: TimelineView): void {
  const { playing, playhead, play, pause, seek } = useStage.getState();
  if (playing) {
    pause();
    return;
  }
  if (playhead >= lastFrame(view)) seek(flicks(0));
  play(1);
}

/** L 1x 2x 4x 8x, J the same backwards; the other key slows one step. */
function shuttle(direction: 1 | -1): void {
  const { playing, shuttle: speed, play, pause } = useStage.getState();
  if (!playing) {
    play(direction);
    return;
  }
  if (Math.sign(speed) === direction) {
    play(direction * Math.min(SHUTTLE_MAX, Math.max(1, Math.abs(speed) * 2)));
    return;
  }
  const slower = Math.abs(speed) / 2;
  if (slower < 1) pause();
  else play(-direction * slower);
}

function slowOrStep(direction: 1 | -1, step: (frames: number) => void): void {
  const { playing, play } = useStage.getState();
  // The first press steps; a key that repeats is held and runs at a quarter speed.
  if (playing) play(direction * SLOW);
  else step(direction);
}

function goToCut(view: TimelineView, direction: 1 | -1): void {
  const { playhead, selection, seek } = useStage.getState();
  const own = view.tracks.filter((track) =>
    track.clips.some((clip) => selection.includes(clip.id)),
  );
  const cuts = cutsOf(own.length > 0 ? own : view.tracks);
  const next =
    direction === 1 ? cuts.find((at) => at > playhead) : cuts.findLast((at) => at < playhead);
  if (next !== undefined) seek(next);
  else if (direction === -1) seek(flicks(0));
}
