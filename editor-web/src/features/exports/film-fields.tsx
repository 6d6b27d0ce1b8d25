/** The fields of an order: which file, how much of it, captions, shape, loudness, poster. */
import { Field, Select } from "@/components/ui/field";
import type { Preset } from "@/lib/api/types";
import { sayExports } from "@/lib/messages/exports";
import type { Resolved } from "@/timeline-core/resolved";
import { flicks, rate, timecode } from "@/timeline-core/time";
import {
  type FilmChoice,
  type FilmPlaces,
  framesPerSecond,
  groupedByUse,
  LOUDNESSES,
} from "./film-choice";

const words = sayExports;

type FilmFieldsProps = {
  readonly items: readonly Preset[];
  readonly chosen: Preset | undefined;
  readonly choice: FilmChoice;
  readonly setChoice: (choice: FilmChoice) => void;
  readonly places: FilmPlaces;
  readonly tooLong: boolean;
  readonly resolved: Resolved;
};

export const FilmFields = (props: FilmFieldsProps) => {
  const { items, chosen, choice, setChoice, tooLong } = props;
  const change = (part: Partial<FilmChoice>) => setChoice({ ...choice, ...part });
  return (
    <>
      <Field
        label={words.preset}
        hint={chosen && madeOf(chosen)}
        error={tooLong && chosen ? words.tooLong(chosen.seconds_max ?? 0) : undefined}
      >
        {(id, note) => (
          <Select
            id={id}
            aria-describedby={note}
            value={chosen?.name ?? ""}
            onChange={(event) => change({ preset: event.target.value })}
          >
            {groupedByUse(items).map((group) => (
              <optgroup key={group.use} label={words.uses[group.use]}>
                {group.presets.map((item) => (
                  <option key={item.name} value={item.name}>
                    {item.title}
                  </option>
                ))}
              </optgroup>
            ))}
          </Select>
        )}
      </Field>
      <RangeField {...props} />
      {chosen?.reshapes && (
        <Chooser
          label={words.fit}
          names={words.fits}
          value={choice.fit}
          onChange={(fit) => change({ fit })}
        />
      )}
      {chosen?.has_picture && (
        <Chooser
          label={words.captions}
          names={words.captionModes}
          value={choice.captions}
          onChange={(captions) => change({ captions })}
        />
      )}
      {chosen?.has_sound && (
        <Chooser
          label={words.loudness}
          names={words.loudnesses}
          value={String(choice.loudness) as keyof typeof words.loudnesses}
          onChange={(name) =>
            change({ loudness: LOUDNESSES.find((one) => String(one) === name) ?? "timeline" })
          }
        />
      )}
      {chosen?.has_picture && !chosen.still && (
        <label className="flex items-center gap-2 text-body">
          <input
            type="checkbox"
            className="accent-accent"
            checked={choice.poster}
            onChange={(event) => change({ poster: event.target.checked })}
          />
          {words.poster}
        </label>
      )}
    </>
  );
};

const RangeField = ({ chosen, choice, setChoice, places, resolved }: FilmFieldsProps) => {
  const sequence = resolved.sequences.get(resolved.sequence);
  const grid = rate(sequence?.fps_num ?? 30, sequence?.fps_den ?? 1);
  const code = (ticks: number): string => timecode(flicks(ticks), grid);
  if (chosen?.still) {
    return <p className="text-dense text-dim">{words.frameAt(code(places.playhead))}</p>;
  }
  return (
    <Field label={words.range}>
      {(id) => (
        <Select
          id={id}
          value={choice.part}
          onChange={(event) =>
            setChoice({ ...choice, part: event.target.value === "range" ? "range" : "whole" })
          }
        >
          <option value="whole">{words.whole(code(places.duration))}</option>
          {places.ranged && (
            <option value="range">{words.inOut(code(places.to - places.from))}</option>
          )}
        </Select>
      )}
    </Field>
  );
};

type ChooserProps<Name extends string> = {
  readonly label: string;
  readonly names: Readonly<Record<Name, string>>;
  readonly value: Name;
  readonly onChange: (name: Name) => void;
};

/** One of a few named ways. */
const Chooser = <Name extends string>({ label, names, value, onChange }: ChooserProps<Name>) => (
  <Field label={label}>
    {(id) => (
      <Select id={id} value={value} onChange={(event) => onChange(event.target.value as Name)}>
        {(Object.keys(names) as Name[]).map((name) => (
          <option key={name} value={name}>
            {names[name]}
          </option>
        ))}
      </Select>
    )}
  </Field>
);

/** What the preset makes of this project, in words. */
function madeOf({ width, height, fps_num, fps_den, extension, has_picture }: Preset): string {
  if (!has_picture || width === null || height === null || fps_num === null || fps_den === null) {
    return words.soundFile(extension);
  }
  return words.size(width, height, framesPerSecond(fps_num, fps_den), extension);
}
