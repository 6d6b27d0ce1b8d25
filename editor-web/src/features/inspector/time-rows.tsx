/** Where a clip stands and what it uses of its source, as typed timecodes; the other way to drag. */
import { useId, useState } from "react";
import { useEdit } from "@/collab/use-edit";
import { TextInput } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { sayInspector } from "@/lib/messages/inspector";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import type { Command } from "@/timeline-core/commands";
import type { DocRecord } from "@/timeline-core/model";
import { type Flicks, type Frames, flicks, type Rate, tick, timecode } from "@/timeline-core/time";
import { RampRows } from "./ramp-rows";
import { Row, SwitchRow } from "./rows";
import { useGrid } from "./use-grid";
import { propertyOf } from "./values";

const words = sayInspector;

type TimeRowsProps = { readonly id: string; readonly record: DocRecord; readonly canEdit: boolean };

export const TimeRows = ({ id, record, canEdit }: TimeRowsProps) => {
  const editing = useEdit();
  const linked = useStage((stage) => stage.linked);
  const ripple = useStage((stage) => stage.ripple);
  const backwards = useId();
  const grid = useGrid();
  const start = propertyOf(record, "start", 0);
  const duration = propertyOf(record, "duration", 0);
  const sourceIn = propertyOf(record, "source_in", 0);
  const speed = propertyOf(record, "speed_num", 1) / propertyOf(record, "speed_den", 1);
  const run = (command: Command) => void editing.run([{ ...command, linked }]);
  const media =
    propertyOf(record, "kind", "media") === "media" && typeof record["asset"] === "string";
  return (
    <>
      <TimeRow
        label={words.start}
        at={start}
        {...{ grid, canEdit }}
        onCommit={(at) => run({ op: "move", clips: [id], at })}
      />
      <TimeRow
        label={words.duration}
        at={duration}
        {...{ grid, canEdit }}
        onCommit={(length) => run({ op: "trim", clip: id, edge: "tail", by: length - duration })}
      />
      {media && (
        <>
          <TimeRow
            label={words.sourceIn}
            at={sourceIn}
            {...{ grid, canEdit }}
            onCommit={(at) => run({ op: "slip", clip: id, by: at - sourceIn })}
          />
          {speed !== 0 && (
            <TimeRow
              label={words.sourceOut}
              at={sourceIn + Math.round(duration * speed)}
              {...{ grid, canEdit }}
              onCommit={(at) => {
                const by = Math.round((at - sourceIn) / speed) - duration;
                run({ op: "trim", clip: id, edge: "tail", by });
              }}
            />
          )}
          <NumberField
            label={words.speed}
            value={Math.abs(speed) * 100}
            min={1}
            max={10_000}
            step={5}
            digits={1}
            unit=" %"
            usual={100}
            resetLabel={say.common.reset(words.speed)}
            disabled={!canEdit}
            onCommit={(percent) =>
              run({ op: "set_speed", clip: id, speed: ratioOf(percent, speed < 0), ripple })
            }
          />
          <Row label={words.backwards} id={backwards}>
            <span className="flex h-6 items-center">
              <input
                id={backwards}
                type="checkbox"
                className="switch"
                disabled={!canEdit}
                checked={speed < 0}
                onChange={() => run({ op: "reverse", clip: id })}
              />
            </span>
          </Row>
          {speed !== 0 && <RampRows {...{ id, record, canEdit }} />}
          <SwitchRow label={words.pitchLock} name="pitch_lock" usual={true} />
        </>
      )}
    </>
  );
};

/** A percentage as an exact pair of integers, to a tenth of a percent. */
const ratioOf = (percent: number, backwards: boolean): readonly [number, number] => [
  Math.round(percent * 10) * (backwards ? -1 : 1),
  1000,
];

type TimeRowProps = {
  readonly label: string;
  readonly at: number;
  readonly grid: Rate;
  readonly canEdit: boolean;
  readonly onCommit: (at: Flicks) => void;
};

const TimeRow = ({ label, at, grid, canEdit, onCommit }: TimeRowProps) => {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const shown = timecode(flicks(at), grid);
  const commit = () => {
    const next = typed === null || typed === shown ? null : typedTime(typed, at, grid);
    setTyped(null);
    if (next !== null && next !== at) onCommit(next);
  };
  return (
    <Row label={label} id={id}>
      <TextInput
        id={id}
        inputMode="numeric"
        disabled={!canEdit}
        value={typed ?? shown}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key !== "Escape") return;
          setTyped(null);
          const field = event.currentTarget;
          requestAnimationFrame(() => field.blur());
        }}
        className="h-6 border-transparent text-end tabular-nums"
      />
    </Row>
  );
};

/** `1500` is 15:00 and `+12` twelve frames more, as in the timecode field. */
function typedTime(typed: string, at: number, grid: Rate): Flicks | null {
  const text = typed.trim();
  const step = /^([+-])(\d{1,7})$/.exec(text);
  if (step) {
    const by = tick(Number(step[2]) as Frames, grid);
    return flicks(Math.max(0, at + (step[1] === "-" ? -by : by)));
  }
  const pieces = /^\d{1,8}$/.test(text)
    ? (text.padStart(8, "0").match(/\d\d/g) ?? [])
    : text.split(/[:;.]/);
  if (pieces.length > 4 || !pieces.every((piece) => /^\d{1,3}$/.test(piece))) return null;
  const [frames = 0, seconds = 0, minutes = 0, hours = 0] = pieces.map(Number).reverse();
  const nominal = Math.ceil(grid.num / grid.den);
  return tick((((hours * 60 + minutes) * 60 + seconds) * nominal + frames) as Frames, grid);
}
