/** The stretches of a clip whose speed changes along it, each with its speed. */
import { Spline, X } from "lucide-react";
import { useId } from "react";
import { useDocument, useSession } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { Button, IconButton } from "@/components/ui/button";
import { NumberField } from "@/components/ui/number-field";
import { localTime, sequenceTime } from "@/lib/animated";
import { sayKeyframes } from "@/lib/messages/keyframes";
import { say } from "@/lib/messages/screens";
import {
  cutRamp,
  type Ramp,
  rampCommands,
  rampOf,
  speedAfter,
  withoutCorner,
  withSpeed,
} from "@/lib/ramp";
import { useStage } from "@/lib/stage";
import type { Command } from "@/timeline-core/commands";
import type { DocRecord } from "@/timeline-core/model";
import { type Flicks, flicks, timecode } from "@/timeline-core/time";
import { Row } from "./rows";
import { useGrid } from "./use-grid";
import { propertyOf } from "./values";

const words = sayKeyframes.ramp;

const FASTEST = 1000; // percent

type RampRowsProps = { readonly id: string; readonly record: DocRecord; readonly canEdit: boolean };

export const RampRows = ({ id, record: shown, canEdit }: RampRowsProps) => {
  const clips = useLinked(id, shown);
  const session = useSession();
  const editing = useEdit();
  const grid = useGrid();
  const smooth = useId();
  const ramp = rampOf(shown);
  const commands = (next: (record: DocRecord) => Ramp | null): readonly Command[] =>
    clips.flatMap(([clip, record]) => rampCommands(clip, record, next(record)));
  const run = (next: (record: DocRecord) => Ramp | null) => void editing.run(commands(next));
  const cut = () => {
    const at = middleOr(useStage.getState().playhead, shown);
    run((record) => cutRamp(record, localTime(record, at)));
  };
  if (!ramp) {
    return canEdit ? (
      <Button small icon={Spline} className="mt-1 self-start" onClick={cut}>
        {words.begin}
      </Button>
    ) : null;
  }
  const change = (of: (ramp: Ramp) => Ramp) => (record: DocRecord) => {
    const own = rampOf(record);
    return own && of(own);
  };
  return (
    <fieldset aria-label={words.title} className="mt-1 rounded-control border border-divider px-2">
      <ol>
        {ramp.corners.slice(0, -1).map(({ at }, index) => {
          const code = timecode(flicks(Math.max(0, sequenceTime(shown, at) ?? 0)), grid);
          const faster = (percent: number) =>
            commands(change((own) => withSpeed(own, index, percent / 100)));
          return (
            <li key={at} className="flex items-center">
              <div className="min-w-0 flex-1">
                <NumberField
                  label={words.from(code)}
                  value={speedAfter(ramp, index) * 100}
                  min={-FASTEST}
                  max={FASTEST}
                  step={5}
                  digits={1}
                  unit=" %"
                  usual={100}
                  resetLabel={say.common.reset(words.from(code))}
                  disabled={!canEdit}
                  onPreview={(next) => session.sketch(next === null ? [] : faster(next))}
                  onCommit={(next) => void editing.run(faster(next))}
                />
              </div>
              {canEdit && (
                <IconButton
                  label={words.join(code)}
                  icon={X}
                  iconSize={12}
                  className={index === 0 ? "invisible size-6" : "size-6"}
                  onClick={() => run(change((own) => withoutCorner(own, index)))}
                />
              )}
            </li>
          );
        })}
      </ol>
      <Row label={words.smooth} id={smooth}>
        <input
          id={smooth}
          type="checkbox"
          className="switch"
          disabled={!canEdit}
          checked={ramp.smooth}
          onChange={() => run(change((own) => ({ ...own, smooth: !own.smooth })))}
        />
      </Row>
      {canEdit && (
        <div className="flex gap-1 pb-1">
          <Button small onClick={cut}>
            {words.cut}
          </Button>
          <Button small look="ghost" onClick={() => run(() => null)}>
            {words.end}
          </Button>
        </div>
      )}
    </fieldset>
  );
};

/** The clip and, unless links are switched off, its linked media; each is counted in its own time. */
function useLinked(id: string, record: DocRecord): readonly (readonly [string, DocRecord])[] {
  const { clips } = useDocument();
  const linked = useStage((stage) => stage.linked);
  const link = propertyOf(record, "link", "");
  if (!linked || link === "") return [[id, record]];
  return [...clips].filter(
    ([, other]) =>
      propertyOf(other, "link", "") === link &&
      propertyOf(other, "kind", "media") === "media" &&
      other["removed"] !== true,
  );
}

/** The playhead, or the middle of the clip while the playhead is elsewhere. */
function middleOr(playhead: Flicks, record: DocRecord): Flicks {
  const start = propertyOf(record, "start", 0);
  const duration = propertyOf(record, "duration", 0);
  const inside = playhead > start && playhead < start + duration;
  return inside ? playhead : flicks(start + Math.round(duration / 2));
}
