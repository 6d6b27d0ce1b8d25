/** What lies over the preview's picture: handles of the selection, safe areas, a title being typed. */
import { AudioWaveform, Crop, Expand, Frame, Gauge, Move } from "lucide-react";
import { useState } from "react";
import { useCanWrite, useDocument, useSession } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { IconButton } from "@/components/ui/button";
import { type Corners, covers, type Point, type Values, within } from "@/features/handles/geometry";
import { Handles, type HandlesSubject } from "@/features/handles/handles";
import { SafeAreas } from "@/features/handles/safe-areas";
import { placed, type Size, type Subject, wholePicture } from "@/features/preview/placement";
import { usePreviewTools } from "@/features/preview/preview-tools";
import { nextQuality } from "@/features/preview/quality";
import {
  clipAt,
  findClip,
  type TimelineView,
  type TrackView,
} from "@/features/timeline/model/view-model";
import { TitleEditor } from "@/features/titles/title-editor";
import { useTitleUi } from "@/features/titles/title-ui";
import { changeCommand, localTime, valueAt } from "@/lib/animated";
import type { AssetCatalog } from "@/lib/api/assets";
import { useFirstKey } from "@/lib/keys/choice";
import { useCommands, useRegistry } from "@/lib/keys/use-commands";
import { sayHandles } from "@/lib/messages/handles";
import { previewText } from "@/lib/messages/preview";
import { usePreferences } from "@/lib/preferences";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import type { DocRecord, Json } from "@/timeline-core/model";
import type { Flicks } from "@/timeline-core/time";

const USUAL: Readonly<Record<string, number>> = {
  x: 0,
  y: 0,
  scale_x: 1,
  scale_y: 1,
  rotation: 0,
  anchor_x: 0.5,
  anchor_y: 0.5,
  crop_l: 0,
  crop_t: 0,
  crop_r: 0,
  crop_b: 0,
  font_size: 0.08,
};
const NO_CROP = { crop_l: 0, crop_t: 0, crop_r: 0, crop_b: 0 };

export const PictureLayer = ({ view }: { readonly view: TimelineView }) => {
  const canEdit = useCanWrite();
  const playing = useStage((stage) => stage.playing);
  const safe = usePreferences((preferences) => preferences.values.safeAreas === true);
  const [cropping, setCropping] = useState(false);
  useCommands({
    "view.safe-areas": () => usePreferences.getState().put({ safeAreas: !safe }),
    "view.quality": turnQuality,
    "view.scopes": toggleScopes,
  });
  return (
    <>
      {safe && <SafeAreas size={view.size} />}
      {canEdit && !playing && <Hands view={view} cropping={cropping} />}
      <Tools {...{ canEdit, cropping, safe }} onCropping={setCropping} />
    </>
  );
};

function turnQuality(): void {
  const { quality, set } = usePreviewTools.getState();
  const next = nextQuality(quality);
  set({ quality: next });
  toast(previewText.quality[next]());
}

function toggleScopes(): void {
  const { scopes, set } = usePreviewTools.getState();
  set({ scopes: !scopes });
}

type ToolsProps = {
  readonly canEdit: boolean;
  readonly cropping: boolean;
  readonly safe: boolean;
  readonly onCropping: (on: boolean) => void;
};

const Tools = ({ canEdit, cropping, safe, onCropping }: ToolsProps) => {
  const registry = useRegistry();
  const keyOf = useFirstKey();
  const { quality, scopes } = usePreviewTools();
  return (
    <div
      role="toolbar"
      aria-label={sayHandles.tools}
      className="absolute end-1 bottom-1 flex rounded-control bg-canvas/70 opacity-0 transition-opacity duration-100 focus-within:opacity-100 [:hover>&]:opacity-100"
    >
      {canEdit && (
        <>
          <IconButton
            label={sayHandles.transform}
            icon={Move}
            iconSize={14}
            className="size-6"
            pressed={!cropping}
            onClick={() => onCropping(false)}
          />
          <IconButton
            label={sayHandles.cropping}
            icon={Crop}
            iconSize={14}
            className="size-6"
            pressed={cropping}
            onClick={() => onCropping(true)}
          />
        </>
      )}
      <IconButton
        label={previewText.quality[quality]()}
        icon={Gauge}
        iconSize={14}
        className="size-6"
        pressed={quality === "half"}
        onClick={() => registry.run("view.quality")}
      />
      <IconButton
        label={previewText.scopes.title()}
        keys={keyOf("view.scopes")}
        icon={AudioWaveform}
        iconSize={14}
        className="size-6"
        pressed={scopes}
        onClick={() => registry.run("view.scopes")}
      />
      <IconButton
        label={sayHandles.safeAreas}
        keys={keyOf("view.safe-areas")}
        icon={Frame}
        iconSize={14}
        className="size-6"
        pressed={safe}
        onClick={() => registry.run("view.safe-areas")}
      />
      <IconButton
        label={sayHandles.fullscreen}
        keys={keyOf("view.fullscreen")}
        icon={Expand}
        iconSize={14}
        className="size-6"
        onClick={() => registry.run("view.fullscreen")}
      />
    </div>
  );
};

type HandsProps = { readonly view: TimelineView; readonly cropping: boolean };

const Hands = ({ view, cropping }: HandsProps) => {
  const document = useDocument();
  const { catalog } = useServices();
  const session = useSession();
  const editing = useEdit();
  const playhead = useStage((stage) => stage.playhead);
  const selection = useStage((stage) => stage.selection);
  const { typing, type: setTyping } = useTitleUi();
  // The picture follows the hand, and so must its frame: values that are not in the document yet.
  const [draft, setDraft] = useState<{ readonly id: string; readonly values: Values } | null>(null);
  const shown = (id: string): HandlesSubject | null => {
    const record = document.clips.get(id);
    const clip = findClip(view, id);
    const visible =
      record && clip && clip.start <= playhead && playhead < clip.start + clip.duration;
    if (!visible || clip.tone === "audio" || clip.tone === "caption") return null;
    const values = draft?.id === id ? draft.values : {};
    return subjectOf(id, record, { at: playhead, size: view.size, catalog, values });
  };
  const pick = (at: Point): string | null => {
    for (const track of visibleTracks(view)) {
      const clip = clipAt(track, playhead);
      const found = clip && shown(clip.id);
      if (found && covers(found.corners, at)) return found.id;
    }
    return null;
  };
  const commands = (id: string, values: Values) => {
    const record = document.clips.get(id);
    if (!record) return [];
    const target = { map: "clips", id, record, at: localTime(record, playhead) } as const;
    return Object.entries(values).map(([name, value]) =>
      changeCommand(target, name, value, USUAL[name] ?? 0),
    );
  };
  const selected = selection.flatMap((id) => shown(id) ?? [])[0] ?? null;
  const record = typing === null ? undefined : document.clips.get(typing);
  const typed = typing === null ? null : shown(typing);
  return (
    <>
      <Handles
        subject={typed ? null : selected}
        size={view.size}
        cropping={cropping}
        pick={pick}
        onPick={(id) => useStage.getState().select(id === null ? [] : [id])}
        onDraft={(id, values) => {
          setDraft(values && { id, values });
          session.sketch(values ? commands(id, values) : []);
        }}
        onDrop={(id, values) => void editing.run(commands(id, values))}
        onOpen={(id) => findClip(view, id)?.tone === "title" && setTyping(id)}
      />
      {typing !== null && record && typed && (
        <TitleEditor
          id={typing}
          record={record}
          box={boxOf(typed.corners, view.size)}
          size={numberIn(record, "font_size") * numberIn(record, "scale_y")}
          onClose={() => setTyping(null)}
        />
      )}
    </>
  );
};

const visibleTracks = (view: TimelineView): readonly TrackView[] =>
  view.tracks.filter((track) => track.kind === "video" && track.enabled && !track.locked);

const numberIn = (record: DocRecord, name: string): number => {
  const value = record[name];
  return typeof value === "number" ? value : (USUAL[name] ?? 0);
};

type Place = {
  readonly at: Flicks;
  readonly size: Size;
  readonly catalog: AssetCatalog;
  /** Values that a hand would change. */
  readonly values: Values;
};

function subjectOf(id: string, record: DocRecord, place: Place): HandlesSubject | null {
  const time = localTime(record, place.at);
  const moving = Object.entries(USUAL).map(
    ([name, usual]) => [name, place.values[name] ?? valueAt(record, name, usual, time)] as const,
  );
  const values = Object.fromEntries(moving);
  const props = { ...record, ...values };
  const subject = pictureOf(record, values, place);
  if (!subject) return null;
  const quad = placed(props, subject, place.size, { moves: true })?.quad;
  const full = placed({ ...props, ...NO_CROP }, subject, place.size, { moves: true })?.quad;
  if (!quad || !full) return null;
  const [u, v] = [values["anchor_x"] ?? 0.5, values["anchor_y"] ?? 0.5];
  const anchor = within(full, u, v);
  return { id, corners: quad, full, anchor, values };
}

/** The size that fit, anchor and crop speak of; a text's box is as high as its lines. */
function pictureOf(record: DocRecord, values: Values, { size, catalog }: Place): Subject | null {
  const kind = record["kind"] ?? "media";
  if (kind === "title") {
    const width = numberOr(record["box_width"], 0.9) * size.width;
    const lines = String(record["text"] ?? "").split("\n").length;
    const line = (values["font_size"] ?? 0.08) * numberOr(record["line_height"], 1.2) * size.height;
    const box = { width, height: lines * line };
    return { ...wholePicture(box, false), isText: true };
  }
  if (kind !== "media") return wholePicture(size, false);
  const facts = catalog.asset(String(record["asset"] ?? ""))?.facts;
  if (!facts?.width || !facts.height) return null;
  return wholePicture({ width: facts.width, height: facts.height }, false);
}

const numberOr = (value: Json | undefined, usual: number): number =>
  typeof value === "number" ? value : usual;

function boxOf(corners: Corners, size: Size): readonly [number, number, number, number] {
  const xs = [corners[0], corners[2], corners[4], corners[6]];
  const ys = [corners[1], corners[3], corners[5], corners[7]];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [
    left / size.width,
    top / size.height,
    (Math.max(...xs) - left) / size.width,
    (Math.max(...ys) - top) / size.height,
  ];
}
