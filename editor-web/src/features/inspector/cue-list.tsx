/** The lines of a captions clip: read them, go to them, change their words. */
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useDocument } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { Button, IconButton } from "@/components/ui/button";
import { TextArea } from "@/components/ui/field";
import { sayInspector } from "@/lib/messages/inspector";
import { useStage } from "@/lib/stage";
import type { DocRecord } from "@/timeline-core/model";
import { flicks, TICKS, timecode } from "@/timeline-core/time";
import { Group } from "./rows";
import { useGrid } from "./use-grid";
import { propertyOf } from "./values";

const words = sayInspector;
const CUE_SECONDS = 2;

type CueListProps = {
  readonly clip: string;
  readonly record: DocRecord;
  readonly canEdit: boolean;
};

export const CueList = ({ clip, record, canEdit }: CueListProps) => {
  const { cues } = useDocument();
  const editing = useEdit();
  const start = propertyOf(record, "start", 0);
  const sourceIn = propertyOf(record, "source_in", 0);
  const own = [...cues]
    .filter(([, cue]) => cue["clip"] === clip && cue["removed"] !== true)
    .sort((left, right) => propertyOf(left[1], "t", 0) - propertyOf(right[1], "t", 0));
  const add = () => {
    const t = Math.max(0, useStage.getState().playhead - start + sourceIn);
    const cue = { clip, t, duration: CUE_SECONDS * TICKS, text: words.newCue };
    void editing.run([{ op: "add_cue", ...cue }]);
  };
  return (
    <Group title={words.cues(own.length)}>
      <ul className="flex flex-col gap-1.5">
        {own.map(([id, cue]) => (
          <CueRow
            key={id}
            text={propertyOf(cue, "text", "")}
            at={propertyOf(cue, "t", 0) - sourceIn + start}
            canEdit={canEdit}
            onText={(text) => void editing.run([{ op: "set", map: "cues", id, values: { text } }])}
            onRemove={() => void editing.run([{ op: "remove_cue", cue: id }])}
          />
        ))}
      </ul>
      {canEdit && (
        <Button small icon={Plus} className="mt-1 self-start" onClick={add}>
          {words.addCue}
        </Button>
      )}
    </Group>
  );
};

type CueRowProps = {
  readonly text: string;
  readonly at: number;
  readonly canEdit: boolean;
  readonly onText: (text: string) => void;
  readonly onRemove: () => void;
};

const CueRow = ({ text, at, canEdit, onText, onRemove }: CueRowProps) => {
  const [typed, setTyped] = useState<string | null>(null);
  const code = timecode(flicks(at), useGrid());
  const commit = () => {
    if (typed !== null && typed !== text) onText(typed);
    setTyped(null);
  };
  return (
    <li>
      <span className="flex items-center justify-between">
        <button
          type="button"
          aria-label={words.goToCue(code)}
          onClick={() => useStage.getState().seek(flicks(at))}
          className="min-h-6 rounded-control text-dense text-faint tabular-nums hover:text-accent"
        >
          {code}
        </button>
        {canEdit && (
          <IconButton
            label={words.removeCue(code)}
            icon={Trash2}
            iconSize={12}
            className="size-6"
            onClick={onRemove}
          />
        )}
      </span>
      <TextArea
        rows={2}
        aria-label={words.cueText(code)}
        maxLength={10_000}
        disabled={!canEdit}
        value={typed ?? text}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
    </li>
  );
};
