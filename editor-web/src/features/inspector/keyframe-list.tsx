/** The keyframes of one property: a picture of the curve, and each with its time, value and easing. */
import { Trash2 } from "lucide-react";
import { useRef } from "react";
import { useSession } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { IconButton } from "@/components/ui/button";
import {
  EASINGS,
  type Easing,
  easingOf,
  keyCommand,
  removeKeyCommand,
  sequenceTime,
  type Target,
  withEasing,
} from "@/lib/animated";
import { sayKeyframes } from "@/lib/messages/keyframes";
import { useStage } from "@/lib/stage";
import type { Command } from "@/timeline-core/commands";
import { evaluated } from "@/timeline-core/keyframes";
import type { DocRecord } from "@/timeline-core/model";
import type { Key } from "@/timeline-core/resolved";
import { flicks, timecode } from "@/timeline-core/time";
import { useGrid } from "./use-grid";

type KeyframeListProps = {
  readonly target: Target;
  /** The record in whose own time the keyframes are counted. */
  readonly timed: DocRecord;
  readonly label: string;
  readonly name: string;
  readonly keys: readonly Key[];
  /** Shown as value times scale. */
  readonly scale: number;
  readonly digits: number;
  readonly unit: string;
  readonly canEdit: boolean;
};

export const KeyframeList = (props: KeyframeListProps) => {
  const { target, timed, name, keys, scale, digits, unit, canEdit } = props;
  const editing = useEdit();
  const grid = useGrid();
  const write = (key: Key) => void editing.run([keyCommand(target, name, key)]);
  return (
    <>
      <CurveView {...props} />
      <ul className="flex flex-col">
        {keys.map((key, index) => {
          const at = sequenceTime(timed, Number(key[0]));
          const code = timecode(flicks(Math.max(0, at ?? 0)), grid);
          const easing = easingOf(key);
          const isLast = index === keys.length - 1;
          return (
            <li key={String(key[0])} className="flex h-7 items-center gap-1 text-dense">
              <button
                type="button"
                aria-label={sayKeyframes.goTo(code)}
                onClick={() => at !== null && useStage.getState().seek(flicks(at))}
                className="min-h-6 rounded-control text-faint tabular-nums hover:text-accent"
              >
                {code.slice(3)}
              </button>
              <span className="min-w-0 flex-1 truncate text-end tabular-nums">
                {(Number(key[1]) * scale).toFixed(digits)}
                {unit}
              </span>
              <select
                aria-label={sayKeyframes.easingAt(code)}
                disabled={!canEdit || isLast}
                value={easing}
                onChange={(event) => write(withEasing(key, event.target.value as Easing))}
                className="h-6 w-24 rounded-control border border-control-edge/50 bg-field px-1 text-dense disabled:text-faint"
              >
                {(Object.keys(EASINGS) as Easing[]).map((each) => (
                  <option key={each} value={each}>
                    {sayKeyframes.easings[each]}
                  </option>
                ))}
                {easing === "custom" && (
                  <option value="custom">{sayKeyframes.easings.custom}</option>
                )}
              </select>
              {canEdit && (
                <IconButton
                  label={sayKeyframes.removeAt(code)}
                  icon={Trash2}
                  iconSize={12}
                  className="size-6"
                  onClick={() => void editing.run([removeKeyCommand(target, name, Number(key[0]))])}
                />
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
};

const WIDTH = 200;
const HEIGHT = 56;
const PAD = 6;
const SAMPLES = 64;

/** The curve over the clip; its points are dragged up and down, and aside between their neighbours. */
const CurveView = ({ target, label, name, keys, canEdit }: KeyframeListProps) => {
  const session = useSession();
  const editing = useEdit();
  const held = useRef<{ readonly key: Key; readonly low: number; readonly high: number } | null>(
    null,
  );
  const times = keys.map((key) => Number(key[0]));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const span = Math.max(1, to - from);
  const points = Array.from({ length: SAMPLES + 1 }, (_, index) => {
    const at = from + (span * index) / SAMPLES;
    return [at, evaluated(keys, at)] as const;
  });
  const values = points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = high - low || 1;
  const x = (at: number) => PAD + ((at - from) / span) * (WIDTH - 2 * PAD);
  const y = (value: number) =>
    high === low ? HEIGHT / 2 : HEIGHT - PAD - ((value - low) / room) * (HEIGHT - 2 * PAD);
  const moved = (event: React.PointerEvent<SVGSVGElement>): readonly Command[] => {
    const taken = held.current;
    if (!taken) return [];
    const box = event.currentTarget.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * WIDTH;
    const down = ((event.clientY - box.top) / box.height) * HEIGHT;
    const wish = from + ((across - PAD) / (WIDTH - 2 * PAD)) * span;
    const at = Math.round(Math.min(taken.high, Math.max(taken.low, wish)));
    const value = low + ((HEIGHT - PAD - down) / (HEIGHT - 2 * PAD)) * room;
    const next = [at, Number(value.toFixed(4)), ...taken.key.slice(2)];
    const [before] = taken.key;
    const leaves = before === at ? [] : [removeKeyCommand(target, name, Number(before))];
    return [...leaves, keyCommand(target, name, next)];
  };
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={sayKeyframes.curve(label)}
      className="my-1 w-full touch-none rounded-control bg-field"
      onPointerMove={(event) => held.current && session.sketch(moved(event))}
      onPointerUp={(event) => {
        const commands = moved(event);
        held.current = null;
        session.sketch([]);
        if (commands.length > 0) void editing.run(commands);
      }}
      onPointerCancel={() => {
        held.current = null;
        session.sketch([]);
      }}
    >
      <polyline
        points={points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ")}
        className="fill-none stroke-accent"
        strokeWidth={1.5}
      />
      {keys.map((key, index) => (
        <circle
          key={String(key[0])}
          cx={x(Number(key[0]))}
          cy={y(Number(key[1]))}
          r={4}
          className="cursor-move fill-accent"
          onPointerDown={(event) => {
            if (!canEdit) return;
            event.currentTarget.ownerSVGElement?.setPointerCapture(event.pointerId);
            held.current = {
              key,
              low: (times[index - 1] ?? Number.NEGATIVE_INFINITY) + 1,
              high: (times[index + 1] ?? Number.POSITIVE_INFINITY) - 1,
            };
          }}
        />
      ))}
    </svg>
  );
};
