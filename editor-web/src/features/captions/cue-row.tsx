/** One line: its time, its words, who says them, and when each of them is spoken. */
import { Trash2, WholeWord } from "lucide-react";
import { useId, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { TextArea, TextInput } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { sayCaptions } from "@/lib/messages/captions";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import type { Command } from "@/timeline-core/commands";
import type { JsonObject } from "@/timeline-core/model";
import { type Flicks, flicks, type Rate, TICKS, timecode } from "@/timeline-core/time";
import { type CueLine, spreadWords, wordMoved } from "./cues";
import type { Word } from "./subtitles";

type CueRowProps = {
  readonly line: CueLine;
  readonly view: { readonly rate: Rate; readonly startTc: Flicks };
  readonly canEdit: boolean;
  /** Whether it is on screen now. */
  readonly now: boolean;
  readonly run: (commands: readonly Command[]) => void;
};

const SECONDS_MIN = 0.04;

export const CueRow = ({ line, view, canEdit, now, run }: CueRowProps) => {
  const [typed, setTyped] = useState<string | null>(null);
  const [showsWords, setShowsWords] = useState(false);
  const words = useId();
  const code = timecode(flicks(line.start), view.rate, { startTc: view.startTc });
  const set = (values: JsonObject) => run([{ op: "set", map: "cues", id: line.id, values }]);
  const commit = () => {
    // Times of words belong to the words that were there.
    if (typed !== null && typed !== line.text) set({ text: typed, words: null });
    setTyped(null);
  };
  return (
    <div
      className={classNames(
        "rounded-control border-s-2 py-1 ps-2",
        now ? "border-accent bg-accent/10" : "border-transparent",
      )}
    >
      <span className="flex items-center gap-1">
        <button
          type="button"
          aria-label={sayCaptions.goTo(code)}
          onClick={() => useStage.getState().seek(flicks(line.start))}
          className="min-h-6 rounded-control text-dense text-faint tabular-nums hover:text-accent"
        >
          {code}
        </button>
        <Seconds
          label={sayCaptions.end(code)}
          value={line.duration / TICKS}
          canEdit={canEdit}
          onCommit={(seconds) => set({ duration: Math.round(seconds * TICKS) })}
        />
        <span className="flex-1" />
        <IconButton
          label={sayCaptions.words(code)}
          icon={WholeWord}
          iconSize={13}
          className="size-6"
          aria-expanded={showsWords}
          aria-controls={words}
          onClick={() => setShowsWords(!showsWords)}
        />
        {canEdit && (
          <IconButton
            label={sayCaptions.remove(code)}
            icon={Trash2}
            iconSize={12}
            className="size-6"
            onClick={() => run([{ op: "remove_cue", cue: line.id }])}
          />
        )}
      </span>
      <TextArea
        rows={2}
        dir="auto"
        aria-label={sayCaptions.text(code)}
        maxLength={10_000}
        disabled={!canEdit}
        value={typed ?? line.text}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
          if (event.key === "Escape" || sends) event.currentTarget.blur();
        }}
      />
      <div id={words} hidden={!showsWords}>
        {showsWords && <Words line={line} code={code} canEdit={canEdit} set={set} />}
      </div>
    </div>
  );
};

type SecondsProps = {
  readonly label: string;
  readonly value: number;
  readonly canEdit: boolean;
  readonly onCommit: (seconds: number) => void;
};

const Seconds = ({ label, value, canEdit, onCommit }: SecondsProps) => {
  const shown = say.timeline.seconds(value);
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    const seconds = typed === null ? Number.NaN : Number.parseFloat(typed.replace(",", "."));
    setTyped(null);
    if (Number.isFinite(seconds) && seconds >= SECONDS_MIN && seconds !== value) onCommit(seconds);
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      aria-label={label}
      disabled={!canEdit}
      value={typed ?? shown}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      className="h-6 w-16 rounded-control border border-transparent bg-transparent px-1 text-dense text-faint tabular-nums hover:bg-field focus-visible:border-accent focus-visible:bg-field"
    />
  );
};

type WordsProps = {
  readonly line: CueLine;
  readonly code: string;
  readonly canEdit: boolean;
  readonly set: (values: JsonObject) => void;
};

const Words = ({ line, code, canEdit, set }: WordsProps) => {
  const write = (words: readonly Word[]) => set({ words: words.map(([...word]) => word) });
  return (
    <fieldset className="flex flex-col gap-1 py-1">
      <legend className="sr-only">{sayCaptions.words(code)}</legend>
      <TextInput
        aria-label={sayCaptions.speaker(code)}
        placeholder={sayCaptions.speakerHint}
        maxLength={200}
        disabled={!canEdit}
        defaultValue={line.speaker}
        key={line.speaker}
        onBlur={(event) =>
          event.target.value !== line.speaker && set({ speaker: event.target.value.trim() })
        }
        className="h-6"
      />
      <p className="text-dense text-faint">{sayCaptions.wordsHint}</p>
      {line.words.map(([t, , word], index) => (
        <NumberField
          // biome-ignore lint/suspicious/noArrayIndexKey: a word is its place in the line
          key={`${index}-${word}`}
          label={word}
          value={t / TICKS}
          usual={t / TICKS}
          resetLabel={say.common.reset(word)}
          min={0}
          max={line.duration / TICKS}
          step={0.05}
          digits={2}
          unit=" s"
          disabled={!canEdit || index === 0}
          onCommit={(seconds) => write(wordMoved(line.words, index, seconds * TICKS))}
        />
      ))}
      {canEdit && (
        <span className="flex gap-1">
          <Button small onClick={() => write(spreadWords(line.text, line.duration))}>
            {sayCaptions.spread}
          </Button>
          {line.words.length > 0 && (
            <Button small look="ghost" onClick={() => set({ words: null })}>
              {sayCaptions.clearWords}
            </Button>
          )}
        </span>
      )}
    </fieldset>
  );
};
