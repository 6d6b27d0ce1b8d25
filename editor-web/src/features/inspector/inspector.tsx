/** Of what is selected: everything it does, as numbers, words and switches. */
import { MousePointerClick } from "lucide-react";
import { useCanWrite, useDocument, useSession } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/states";
import { sayEffects } from "@/lib/messages/effects";
import { sayInspector } from "@/lib/messages/inspector";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import type { DocRecord } from "@/timeline-core/model";
import { flicks, rate, timecode } from "@/timeline-core/time";
import { CueList } from "./cue-list";
import { EffectStack } from "./effect-stack";
import { NumberRow } from "./number-row";
import {
  ChoiceRow,
  ColorRow,
  Fact,
  Group,
  type Subject,
  SubjectProvider,
  SwitchRow,
  TextRow,
  useProperty,
  useSubject,
} from "./rows";
import { SourceInfo } from "./source-info";
import { TextStyle } from "./text-style";
import { TimeRows } from "./time-rows";
import { propertyOf } from "./values";

const words = sayInspector;

export const Inspector = ({ workspace }: { readonly workspace: string }) => {
  const selection = useStage((stage) => stage.selection);
  const document = useDocument();
  const canEdit = useCanWrite();
  const clips = selection.flatMap((id) => found(id, document.clips.get(id)));
  const transitions = selection.flatMap((id) => found(id, document.transitions.get(id)));
  return (
    <section
      aria-label={say.panels.inspector}
      className="flex h-full min-h-0 flex-col overflow-y-auto bg-panel"
    >
      {transitions.length > 0 ? (
        <SubjectProvider value={subjectOf("transitions", transitions, canEdit)}>
          <TransitionRows />
        </SubjectProvider>
      ) : clips.length > 0 ? (
        <ClipInspector clips={clips} canEdit={canEdit} workspace={workspace} />
      ) : (
        <SequenceInspector workspace={workspace} canEdit={canEdit} />
      )}
    </section>
  );
};

type Found = readonly [string, DocRecord];

const found = (id: string, record: DocRecord | undefined): readonly Found[] =>
  record && record["removed"] !== true ? [[id, record]] : [];

const subjectOf = (map: Subject["map"], entries: readonly Found[], canEdit: boolean): Subject => ({
  map,
  ids: entries.map(([id]) => id),
  records: entries.map(([, record]) => record),
  canEdit,
});

type ClipProps = {
  readonly clips: readonly Found[];
  readonly canEdit: boolean;
  readonly workspace: string;
};

const ClipInspector = ({ clips, canEdit, workspace }: ClipProps) => {
  const document = useDocument();
  const kindOf = (record: DocRecord): string =>
    propertyOf(document.tracks.get(propertyOf(record, "track", "")) ?? {}, "kind", "video");
  const pictures = clips.filter(([, record]) => kindOf(record) === "video");
  const sounds = clips.filter(([, record]) => kindOf(record) === "audio");
  const texts = clips.filter(([, record]) =>
    ["title", "captions"].includes(propertyOf(record, "kind", "media")),
  );
  const [first] = clips;
  // A picture with its sound is one thing to people: its name is said once.
  const links = new Set(clips.map(([id, record]) => propertyOf(record, "link", "") || id));
  return (
    <>
      <SubjectProvider value={subjectOf("clips", clips, canEdit)}>
        {links.size > 1 && (
          <p className="px-3 pt-3 text-heading font-semibold">{words.several(clips.length)}</p>
        )}
        {first && links.size === 1 && (
          <SourceInfo id={first[0]} record={first[1]} {...{ workspace, canEdit }} />
        )}
        <Group title={words.clip}>
          <TextRow label={words.name} name="name" />
          {links.size === 1 && first && (
            <TimeRows id={first[0]} record={first[1]} canEdit={canEdit} />
          )}
          <SwitchRow label={words.enabled} name="enabled" usual={true} />
        </Group>
      </SubjectProvider>
      {texts.length > 0 && (
        <SubjectProvider value={subjectOf("clips", texts, canEdit)}>
          {texts.length === 1 &&
            texts[0] &&
            propertyOf<string>(texts[0][1], "kind", "") === "captions" && (
              <CueList clip={texts[0][0]} record={texts[0][1]} canEdit={canEdit} />
            )}
          <TextStyle
            captions={texts.every(
              ([, record]) => propertyOf<string>(record, "kind", "") === "captions",
            )}
          />
        </SubjectProvider>
      )}
      {pictures.length > 0 && (
        <SubjectProvider value={subjectOf("clips", pictures, canEdit)}>
          <PictureRows kinds={new Set(pictures.map(([, record]) => kindOfClip(record)))} />
        </SubjectProvider>
      )}
      {pictures.length === 1 && pictures[0] && (
        <EffectStack owner={pictures[0][0]} clip={pictures[0][1]} {...{ workspace, canEdit }} />
      )}
      {sounds.length > 0 && (
        <SubjectProvider value={subjectOf("clips", sounds, canEdit)}>
          <SoundRows />
        </SubjectProvider>
      )}
    </>
  );
};

const SECONDS = 1 / 705_600_000;
const FADE = { usual: 0, scale: SECONDS, min: 0, step: 0.1, unit: " s" } as const;
const FRACTION = { usual: 0, scale: 100, step: 0.5, digits: 1, unit: " %" } as const;

const kindOfClip = (record: DocRecord): string => propertyOf<string>(record, "kind", "media");

const PictureRows = ({ kinds }: { readonly kinds: ReadonlySet<string> }) => {
  const titles = kinds.has("title") && kinds.size === 1;
  // An adjustment has no picture to place: only how much of it is there, and how it is laid.
  if (kinds.has("adjustment")) {
    return (
      <>
        <Group title={words.adjustment}>
          <OpacityRow />
          <ChoiceRow label={words.blend} name="blend" usual="normal" choices={words.blends} />
        </Group>
        <Fades />
      </>
    );
  }
  return <PlacedRows titles={titles} />;
};

const OpacityRow = () => (
  <NumberRow
    label={words.opacity}
    name="opacity"
    {...FRACTION}
    usual={1}
    min={0}
    max={1}
    step={1}
    digits={0}
  />
);

const PlacedRows = ({ titles }: { readonly titles: boolean }) => (
  <>
    <Group title={words.transform}>
      <NumberRow label={words.positionX} name="x" {...FRACTION} min={-100} max={100} />
      <NumberRow label={words.positionY} name="y" {...FRACTION} min={-100} max={100} />
      <NumberRow
        label={words.scaleX}
        name="scale_x"
        {...FRACTION}
        usual={1}
        min={0}
        max={100}
        step={1}
      />
      <NumberRow
        label={words.scaleY}
        name="scale_y"
        {...FRACTION}
        usual={1}
        min={0}
        max={100}
        step={1}
      />
      <NumberRow
        label={words.rotation}
        name="rotation"
        usual={0}
        step={1}
        digits={1}
        unit={words.degrees}
      />
      <OpacityRow />
      <ChoiceRow label={words.blend} name="blend" usual="normal" choices={words.blends} />
      {!titles && (
        <>
          <ChoiceRow label={words.fit} name="fit" usual="contain" choices={words.fits} />
          <SwitchRow label={words.flipH} name="flip_h" usual={false} />
          <SwitchRow label={words.flipV} name="flip_v" usual={false} />
        </>
      )}
    </Group>
    {!titles && (
      <Group title={words.crop}>
        <NumberRow label={words.cropL} name="crop_l" {...FRACTION} min={0} max={1} />
        <NumberRow label={words.cropT} name="crop_t" {...FRACTION} min={0} max={1} />
        <NumberRow label={words.cropR} name="crop_r" {...FRACTION} min={0} max={1} />
        <NumberRow label={words.cropB} name="crop_b" {...FRACTION} min={0} max={1} />
      </Group>
    )}
    <Fades />
  </>
);

const Fades = () => (
  <Group title={words.fades}>
    <NumberRow label={words.fadeIn} name="fade_in" {...FADE} />
    <NumberRow label={words.fadeOut} name="fade_out" {...FADE} />
  </Group>
);

const SoundRows = () => (
  <>
    <Group title={words.sound}>
      <NumberRow
        label={words.gain}
        name="gain_db"
        usual={0}
        min={-96}
        max={24}
        step={0.5}
        digits={1}
        unit=" dB"
      />
      <NumberRow label={words.pan} name="pan" {...FRACTION} min={-1} max={1} step={1} digits={0} />
    </Group>
    <Fades />
  </>
);

/** Only what preview and export draw alike is offered. */
const { crossfade: _ofSound, ...PICTURE_KINDS } = words.kinds;

/** Whether the selected transition lies between sounds. */
function useIsSound(): boolean {
  const { clips, tracks } = useDocument();
  const [record] = useSubject().records;
  const clip = clips.get(String(record?.["left"] ?? record?.["right"] ?? ""));
  return tracks.get(String(clip?.["track"] ?? ""))?.["kind"] === "audio";
}

const TransitionRows = () => {
  const editing = useEdit();
  const selection = useStage((stage) => stage.selection);
  const canEdit = useCanWrite();
  const sound = useIsSound();
  const offset = { usual: 176_400_000, scale: SECONDS, min: 0, step: 0.05, unit: " s" } as const;
  return (
    <>
      <Group title={words.transition}>
        {sound ? (
          <Fact label={words.kind} value={words.kinds.crossfade} />
        ) : (
          <ChoiceRow label={words.kind} name="kind" usual="dissolve" choices={PICTURE_KINDS} />
        )}
        {!sound && <KindRows />}
        <NumberRow label={words.before} name="in_offset" {...offset} />
        <NumberRow label={words.after} name="out_offset" {...offset} />
      </Group>
      {canEdit && (
        <div className="p-3">
          <Button
            look="danger"
            onClick={() => {
              void editing.run(
                selection.map((transition) => ({ op: "remove_transition", transition })),
              );
              useStage.getState().select([]);
            }}
          >
            {words.remove}
          </Button>
        </div>
      )}
    </>
  );
};

/** What the chosen kind of transition has besides its length. */
const KindRows = () => {
  const { value: kind } = useProperty<string>("kind", "dissolve");
  if (kind === "dip") return <ColorRow label={words.dipColor} name="p:color" usual="#000000" />;
  if (kind === "dissolve") return null;
  return (
    <>
      <NumberRow
        label={words.angle}
        name="p:angle_deg"
        usual={0}
        step={5}
        digits={0}
        unit={words.degrees}
      />
      {kind === "wipe" && (
        <NumberRow label={words.softness} name="p:softness" {...FRACTION} min={0} max={1} />
      )}
    </>
  );
};

type SequenceProps = { readonly workspace: string; readonly canEdit: boolean };

const SequenceInspector = ({ workspace, canEdit }: SequenceProps) => {
  const { resolved } = useSession();
  const now = resolved.get();
  const sequence = now.sequences.get(now.sequence);
  if (!sequence) return null;
  const grid = rate(sequence.fps_num, sequence.fps_den);
  return (
    <>
      <Empty icon={MousePointerClick} title={words.nothing}>
        {words.nothingHint}
      </Empty>
      <div className="border-t border-divider">
        <Group title={words.sequence}>
          <Fact label={words.size} value={`${sequence.width} × ${sequence.height}`} />
          <Fact label={words.rate} value={(grid.num / grid.den).toFixed(grid.den === 1 ? 0 : 3)} />
          <Fact label={words.length} value={timecode(flicks(sequence.duration), grid)} />
        </Group>
        <EffectStack owner={sequence.id} title={sayEffects.wholeFilm} {...{ workspace, canEdit }} />
      </div>
    </>
  );
};
