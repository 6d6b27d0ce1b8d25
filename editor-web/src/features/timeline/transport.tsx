/** Play, step, and the timecode that can be typed into. */
import { Pause, Play, SkipBack, SkipForward, StepBack, StepForward } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { useFirstKey } from "@/lib/keys/choice";
import { useRegistry } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { type Flicks, type Rate, timecode } from "@/timeline-core/time";
import { parseTimecode } from "./model/timecode-input";

type TransportProps = {
  readonly rate: Rate;
  readonly startTc: Flicks;
  readonly duration: Flicks;
  /** The digit that opened the field from the keyboard. */
  readonly typedDigit: { readonly digit: string; readonly serial: number } | null;
};

export const Transport = ({ rate, startTc, duration, typedDigit }: TransportProps) => {
  const keyOf = useFirstKey();
  const playing = useStage((stage) => stage.playing);
  const shuttle = useStage((stage) => stage.shuttle);
  const registry = useRegistry();
  return (
    <div className="flex items-center gap-0.5">
      <IconButton
        label={say.command["play.start"]}
        keys={keyOf("play.start")}
        icon={SkipBack}
        onClick={() => registry.run("play.start")}
      />
      <IconButton
        label={say.command["play.previous-frame"]}
        keys={keyOf("play.previous-frame")}
        icon={StepBack}
        onClick={() => registry.run("play.previous-frame")}
      />
      <IconButton
        label={playing ? say.timeline.pause : say.timeline.play}
        keys={keyOf("play.toggle")}
        icon={playing ? Pause : Play}
        iconSize={18}
        className="mx-0.5 size-8 rounded-full bg-raised text-text"
        onClick={() => registry.run("play.toggle")}
      />
      <IconButton
        label={say.command["play.next-frame"]}
        keys={keyOf("play.next-frame")}
        icon={StepForward}
        onClick={() => registry.run("play.next-frame")}
      />
      <IconButton
        label={say.command["play.end"]}
        keys={keyOf("play.end")}
        icon={SkipForward}
        onClick={() => registry.run("play.end")}
      />
      <TimecodeField rate={rate} startTc={startTc} typedDigit={typedDigit} />
      <span className="ps-1 text-dense text-faint tabular-nums max-xl:hidden">
        / {timecode(duration, rate)}
      </span>
      {playing && shuttle !== 1 && (
        <span className="ms-1 rounded-control bg-accent/20 px-1.5 text-dense text-accent tabular-nums">
          {shuttle}×
        </span>
      )}
    </div>
  );
};

type FieldProps = Omit<TransportProps, "duration">;

const TimecodeField = ({ rate, startTc, typedDigit }: FieldProps) => {
  const playhead = useStage((stage) => stage.playhead);
  const seek = useStage((stage) => stage.seek);
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  // Before anything else is typed: else the next digit would replace the first.
  useLayoutEffect(() => {
    if (!typedDigit) return;
    setTyped(typedDigit.digit);
    field.current?.focus();
  }, [typedDigit]);
  const go = () => {
    const at = typed === null ? null : parseTimecode(typed, { rate, startTc, playhead });
    setTyped(null);
    if (at !== null) seek(at);
  };
  return (
    <input
      ref={field}
      type="text"
      inputMode="numeric"
      autoComplete="off"
      aria-label={say.timeline.timecode}
      value={typed ?? timecode(playhead, rate, { startTc })}
      onFocus={(event) => typed === null && event.target.select()}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={go}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key !== "Escape") return;
        setTyped(null);
        const left = event.currentTarget;
        requestAnimationFrame(() => left.blur());
      }}
      className="ms-2 h-7 w-26 rounded-control border border-transparent bg-transparent text-center text-heading font-semibold tabular-nums hover:bg-field focus-visible:border-accent focus-visible:bg-field focus-visible:outline-offset-0"
    />
  );
};
