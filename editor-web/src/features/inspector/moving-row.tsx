/** A number that may move: its value at the playhead, its keyframes, and how the curve goes. */
import { ChevronLeft, ChevronRight, Diamond } from "lucide-react";
import { useId, useState } from "react";
import { useSession } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { IconButton } from "@/components/ui/button";
import { NumberField } from "@/components/ui/number-field";
import {
  changeCommand,
  keyframesOf,
  localTime,
  sequenceTime,
  type Target,
  toggleCommands,
  valueAt,
} from "@/lib/animated";
import { sayKeyframes } from "@/lib/messages/keyframes";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import type { DocRecord } from "@/timeline-core/model";
import type { Flicks } from "@/timeline-core/time";
import { KeyframeList } from "./keyframe-list";
import type { NumberRowProps } from "./number-props";
import { useSubject } from "./subject";

export const MovingRow = (props: NumberRowProps) => {
  const { records } = useSubject();
  const moves = records.some((record) => keyframesOf(record, props.name).length > 0);
  // What stands still does not ask for the playhead, and is not drawn again while it runs.
  return moves ? <AtPlayhead {...props} /> : <ValueRow {...props} at={null} />;
};

const AtPlayhead = (props: NumberRowProps) => (
  <ValueRow {...props} at={useStage((stage) => stage.playhead)} />
);

type ValueRowProps = NumberRowProps & {
  /** The playhead, where the value depends on it. */
  readonly at: Flicks | null;
};

const ValueRow = ({ at, label, name, usual, scale = 1, min, max, ...rest }: ValueRowProps) => {
  const { map, ids, records, canEdit, clock } = useSubject();
  const session = useSession();
  const editing = useEdit();
  const [open, setOpen] = useState(false);
  const list = useId();
  const targets = (now: Flicks): readonly Target[] =>
    ids.map((id, index) => {
      const record = records[index] as DocRecord;
      return { map, id, record, at: localTime(clock ?? record, now) };
    });
  const now = at ?? useStage.getState().playhead;
  const values = targets(now).map((target) => valueAt(target.record, name, usual, target.at));
  const value = values[0] ?? usual;
  const changes = (next: number) =>
    targets(useStage.getState().playhead).map((target) =>
      changeCommand(target, name, next / scale, usual),
    );
  const [first] = records;
  const [id] = ids;
  const keys = first ? keyframesOf(first, name) : [];
  const timed = clock ?? first ?? {};
  const isHere = at !== null && keys.some((key) => key[0] === localTime(timed, at));
  const toggle = () =>
    void editing.run(
      targets(useStage.getState().playhead).flatMap((target) =>
        toggleCommands(target, name, usual),
      ),
    );
  const limits = {
    ...(min === undefined ? {} : { min: min * scale }),
    ...(max === undefined ? {} : { max: max * scale }),
  };
  return (
    <>
      <NumberField
        leading={
          <IconButton
            label={isHere ? sayKeyframes.remove(label) : sayKeyframes.add(label)}
            icon={Diamond}
            iconSize={11}
            pressed={isHere}
            disabled={!canEdit}
            className={`size-6 ${keys.length > 0 && !isHere ? "text-accent" : ""}`}
            onClick={toggle}
          />
        }
        label={label}
        value={value * scale}
        mixed={values.some((other) => other !== value)}
        usual={usual * scale}
        resetLabel={say.common.reset(label)}
        disabled={!canEdit}
        onPreview={(next) => session.sketch(next === null ? [] : changes(next))}
        onCommit={(next) => void editing.run(changes(next))}
        {...limits}
        {...rest}
      />
      {keys.length > 0 && first && id !== undefined && ids.length === 1 && (
        <div className="ms-6">
          <div className="flex items-center">
            <button
              type="button"
              aria-expanded={open}
              aria-controls={list}
              onClick={() => setOpen(!open)}
              className="min-h-6 flex-1 rounded-control text-start text-accent text-dense"
            >
              {sayKeyframes.count(keys.length)}
            </button>
            <Steps {...{ label, timed }} times={keys.map((key) => Number(key[0]))} />
          </div>
          <div id={list} hidden={!open}>
            {open && (
              <KeyframeList
                {...{ label, name, scale, canEdit, keys, timed }}
                target={{ map, id, record: first, at: 0 }}
                digits={rest.digits ?? 2}
                unit={rest.unit ?? ""}
              />
            )}
          </div>
        </div>
      )}
    </>
  );
};

type StepsProps = {
  readonly label: string;
  /** The record in whose own time they are counted. */
  readonly timed: DocRecord;
  readonly times: readonly number[];
};

/** From keyframe to keyframe. */
const Steps = ({ label, timed, times }: StepsProps) => {
  const go = (direction: 1 | -1) => {
    const { playhead, seek } = useStage.getState();
    const here = localTime(timed, playhead);
    const next =
      direction === 1 ? times.find((time) => time > here) : times.findLast((time) => time < here);
    const at = next === undefined ? null : sequenceTime(timed, next);
    if (at !== null) seek(at);
  };
  return (
    <>
      <IconButton
        label={sayKeyframes.previous(label)}
        icon={ChevronLeft}
        iconSize={13}
        className="size-6"
        onClick={() => go(-1)}
      />
      <IconButton
        label={sayKeyframes.next(label)}
        icon={ChevronRight}
        iconSize={13}
        className="size-6"
        onClick={() => go(1)}
      />
    </>
  );
};
