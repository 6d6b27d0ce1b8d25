/** All lines of the sequence by time: written, timed to the word, read from and written to files. */
import { Captions, FileDown, FileUp, Plus, Search } from "lucide-react";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { useCanWrite, useDocument } from "@/collab/hooks";
import { type Editing, useEdit } from "@/collab/use-edit";
import { Button, IconButton } from "@/components/ui/button";
import { TextInput } from "@/components/ui/field";
import { Menu } from "@/components/ui/menu";
import { Empty } from "@/components/ui/states";
import { useCommands } from "@/lib/keys/use-commands";
import { sayCaptions } from "@/lib/messages/captions";
import { saveFile } from "@/lib/save-file";
import { useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import type { TimelineDocument } from "@/timeline-core/model";
import { type Flicks, type Rate, TICKS } from "@/timeline-core/time";
import { CueRow } from "./cue-row";
import { addLine, type CueLine, clipFor, cueLines, lineOf } from "./cues";
import { type Line, readSubtitles, writeSrt, writeVtt } from "./subtitles";

type CaptionsView = {
  readonly sequence: string;
  readonly rate: Rate;
  readonly startTc: Flicks;
  readonly duration: Flicks;
  readonly tracks: readonly { readonly id: string; readonly kind: string }[];
};

const FILE_BYTES_MAX = 4_000_000;
const BATCH = 150; // lines in one step: one transaction takes 200 commands
const NEW_SECONDS = 2;

export const CaptionsPanel = ({ view }: { readonly view: CaptionsView }) => {
  const document = useDocument();
  const canEdit = useCanWrite();
  const editing = useEdit();
  const picker = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const sought = useDeferredValue(typed.trim().toLocaleLowerCase());
  const tracks = useMemo(
    () => new Set(view.tracks.filter(({ kind }) => kind === "caption").map(({ id }) => id)),
    [view.tracks],
  );
  const lines = useMemo(() => cueLines(document, tracks), [document, tracks]);
  const shown = lines.filter(({ text, speaker }) =>
    `${text} ${speaker}`.toLocaleLowerCase().includes(sought),
  );
  const add = (added: readonly Line[]) => addLines({ document, tracks, editing, view }, added);
  const addHere = () => {
    const start = useStage.getState().playhead;
    const end = start + NEW_SECONDS * TICKS;
    void add([{ start, end, text: sayCaptions.newLine, speaker: "", words: [] }]);
  };
  const open = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > FILE_BYTES_MAX) return toast.error(sayCaptions.tooLarge);
    const found = readSubtitles(await file.text());
    if (found.length === 0) return toast.error(sayCaptions.badFile);
    if (await add(found)) toast.success(sayCaptions.imported(found.length));
  };
  const save = (kind: "srt" | "vtt") => {
    const all = lines.map(lineOf);
    if (kind === "srt") saveFile("captions.srt", "application/x-subrip", writeSrt(all));
    else saveFile("captions.vtt", "text/vtt", writeVtt(all));
  };
  useCommands({
    "captions.export": () => save("srt"),
    ...(canEdit && { "captions.import": () => picker.current?.click() }),
  });
  return (
    <section aria-label={sayCaptions.title} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 items-center gap-1 p-2">
        <span className="relative min-w-0 flex-1">
          <Search size={14} aria-hidden="true" className="absolute start-2 top-1.5 text-faint" />
          <TextInput
            type="search"
            aria-label={sayCaptions.search}
            placeholder={sayCaptions.search}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="ps-7"
          />
        </span>
        {canEdit && (
          <IconButton
            label={sayCaptions.import}
            icon={FileUp}
            onClick={() => picker.current?.click()}
          />
        )}
        <Menu
          label={sayCaptions.export}
          align="end"
          items={(["srt", "vtt"] as const).map((kind) => ({
            kind: "item",
            id: kind,
            label: kind === "srt" ? sayCaptions.exportSrt : sayCaptions.exportVtt,
            disabled: lines.length === 0,
            onSelect: () => save(kind),
          }))}
        >
          <button
            type="button"
            aria-label={sayCaptions.export}
            className="grid size-7 place-items-center rounded-control text-dim hover:bg-hover hover:text-text"
          >
            <FileDown size={16} aria-hidden="true" />
          </button>
        </Menu>
      </div>
      {lines.length === 0 ? (
        <Empty
          icon={Captions}
          title={sayCaptions.empty}
          action={
            canEdit && (
              <>
                <Button icon={Plus} onClick={addHere}>
                  {sayCaptions.add}
                </Button>
                <Button icon={FileUp} onClick={() => picker.current?.click()}>
                  {sayCaptions.importShort}
                </Button>
              </>
            )
          }
        >
          {sayCaptions.emptyHint}
        </Empty>
      ) : shown.length === 0 ? (
        <Empty icon={Search} title={sayCaptions.nothingFound} />
      ) : (
        <Lines lines={shown} view={view} canEdit={canEdit} editing={editing} />
      )}
      {canEdit && lines.length > 0 && (
        <div className="shrink-0 border-divider border-t p-2">
          <Button icon={Plus} className="w-full" onClick={addHere}>
            {sayCaptions.add}
          </Button>
        </div>
      )}
      <input
        ref={picker}
        type="file"
        hidden
        accept=".srt,.vtt,text/vtt,application/x-subrip"
        aria-label={sayCaptions.import}
        onChange={(event) => {
          void open(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </section>
  );
};

type LinesProps = {
  readonly lines: readonly CueLine[];
  readonly view: CaptionsView;
  readonly canEdit: boolean;
  readonly editing: Editing;
};

const LINE_PIXELS = 84; // about what a row of two lines of text takes
const Lines = ({ lines, view, canEdit, editing }: LinesProps) => {
  const playhead = useStage((stage) => stage.playhead);
  return (
    <ul aria-label={sayCaptions.title} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
      {lines.map((line) => (
        <li
          key={line.id}
          // What is not on screen costs nothing: a film has thousands of lines.
          style={{ contentVisibility: "auto", containIntrinsicBlockSize: `${LINE_PIXELS}px` }}
        >
          <CueRow
            line={line}
            view={view}
            canEdit={canEdit}
            now={line.start <= playhead && playhead < line.start + line.duration}
            run={(commands) => void editing.run(commands)}
          />
        </li>
      ))}
    </ul>
  );
};

type Adding = {
  readonly document: TimelineDocument;
  readonly tracks: ReadonlySet<string>;
  readonly editing: Editing;
  readonly view: CaptionsView;
};

/** Lines into the captions clip that is there, made as long as they need; else into a new one. */
async function addLines(
  { document, tracks, editing, view }: Adding,
  lines: readonly Line[],
): Promise<boolean> {
  const first = lines[0];
  if (!first) return false;
  const end = Math.max(...lines.map((line) => line.end));
  const held = clipFor(document, tracks, first.start);
  const target = held ?? (await newClip(editing, view, tracks, Math.max(end, view.duration)));
  if (!target) return false;
  const longer =
    end > target.end
      ? [{ op: "trim", clip: target.id, edge: "tail", by: end - target.end, linked: false }]
      : [];
  for (let from = 0; from < lines.length; from += BATCH) {
    const batch = lines.slice(from, from + BATCH);
    const commands = batch.map((line) => addLine(target.id, target.offset, line));
    const done = await editing.run(from === 0 ? [...longer, ...commands] : commands);
    if (done === null) return false;
  }
  return true;
}

async function newClip(
  editing: Editing,
  view: CaptionsView,
  tracks: ReadonlySet<string>,
  duration: number,
): Promise<{ id: string; offset: number; end: number } | null> {
  const [known] = tracks;
  const made = known
    ? null
    : await editing.run([{ op: "add_track", kind: "caption", sequence: view.sequence }]);
  const track = known ?? made?.["track"];
  if (!track) return null;
  const created = await editing.run([
    { op: "overwrite", track, at: 0, kind: "captions", name: sayCaptions.trackName, duration },
  ]);
  const id = created?.["clip"];
  return id ? { id, offset: 0, end: duration } : null;
}
