/** The timeline's keys, bound to what is selected and where the playhead stands. */
import { useRef } from "react";
import { type Editing, useEdit } from "@/collab/use-edit";
import { useCommands } from "@/lib/keys/use-commands";
import { sayEffects } from "@/lib/messages/effects";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import type { Command } from "@/timeline-core/commands";
import { type Flicks, flicks } from "@/timeline-core/time";
import {
  clipRange,
  duplicateCommands,
  enableCommands,
  extendCommands,
  fitRangeCommands,
  forwardClips,
  freezeCommands,
  groupCommands,
  joinCommands,
  linkCommands,
  meantTrack,
  nestCommands,
  pasteAttributesCommands,
  rangeCommands,
  reorderCommands,
  reverseCommands,
  sideCommands,
  swapCommands,
  toolNudgeCommands,
  unNestCommands,
} from "./clip-commands";
import {
  adjustmentCommands,
  type Choice,
  deleteCommands,
  effectCommands,
  nearestCut,
  nudgeCommands,
  pasteCommands,
  splitCommands,
  trackCommands,
  transitionCommands,
  trimToPlayhead,
} from "./edit-commands";
import { fitFilm } from "./fit-film";
import { allClips, endOf, type TimelineView, withLinks } from "./model/view-model";
import { revealing, zoomedAt } from "./model/viewport";
import type { TimelineCanvas } from "./timeline-canvas";
import { useTimelineUi } from "./timeline-ui";

type Wiring = {
  readonly view: TimelineView;
  readonly canEdit: boolean;
  readonly canvas: () => TimelineCanvas | null;
  readonly onMarker: (id: string) => void;
};

const TRANSITION_NEAR = 5; // seconds from the playhead within which a cut is meant

export function useTimelineCommands({ view, canEdit, canvas, onMarker }: Wiring): void {
  const editing = useEdit();
  const copied = useRef<readonly string[]>([]);
  const choice = (): Choice => {
    const { selection, linked, playhead } = useStage.getState();
    return { view, selection, linked, playhead };
  };
  const edit = (commands: readonly Command[], otherwise?: string): void => {
    if (commands.length === 0 && otherwise) toast(otherwise);
    void editing.run(commands);
  };
  const remove = (ripple: boolean): void => {
    const { gap, selectGap } = useTimelineUi.getState();
    const commands = deleteCommands(choice(), gap, ripple || useStage.getState().ripple);
    if (commands.length === 0) return;
    edit(commands);
    selectGap(null);
    useStage.getState().select([]);
  };
  const copy = (): boolean => {
    const { selection } = useStage.getState();
    const clips = allClips(view).filter((clip) => selection.includes(clip.id));
    copied.current = clips.map((clip) => clip.id);
    return clips.length > 0;
  };
  const nowhere = say.timeline.nothingToSplit;

  useCommands({
    ...(canEdit && {
      "edit.split": () => edit(splitCommands(choice()), nowhere),
      "edit.ripple-trim-start": () => edit(trimToPlayhead(choice(), "head", true), nowhere),
      "edit.ripple-trim-end": () => edit(trimToPlayhead(choice(), "tail", true), nowhere),
      "edit.trim-start": () => edit(trimToPlayhead(choice(), "head", false), nowhere),
      "edit.trim-end": () => edit(trimToPlayhead(choice(), "tail", false), nowhere),
      "edit.lift": () => remove(false),
      "edit.ripple-delete": () => remove(true),
      "edit.nudge-left": () => nudge(choice(), editing, -1),
      "edit.nudge-right": () => nudge(choice(), editing, 1),
      "edit.nudge-left-ten": () => nudge(choice(), editing, -10),
      "edit.nudge-right-ten": () => nudge(choice(), editing, 10),
      "edit.track-up": () => edit(trackCommands(choice(), -1)),
      "edit.track-down": () => edit(trackCommands(choice(), 1)),
      "edit.copy": copy,
      "edit.cut": () => {
        if (copy()) remove(false);
      },
      "edit.paste": () =>
        edit(pasteCommands(choice(), copied.current, "overwrite"), say.timeline.nothingCopied),
      "edit.paste-insert": () =>
        edit(pasteCommands(choice(), copied.current, "insert"), say.timeline.nothingCopied),
      "edit.undo": () => void editing.undo(),
      "edit.redo": () => void editing.redo(),
      "edit.transition": () => addTransition(choice(), editing),
      ...moreEdits({ view, choice, edit, copied: () => copied.current, added: editing.run }),
      "edit.adjustment": () => void addAdjustment(choice(), editing),
      "effect.color": () => edit(effectCommands(choice(), "color"), sayEffects.noClip),
      "effect.lut": () => edit(effectCommands(choice(), "lut"), sayEffects.noClip),
      "effect.blur": () => edit(effectCommands(choice(), "blur"), sayEffects.noClip),
      "marker.add": () => addMarker(view, editing, onMarker),
      "tool.blade": () => useStage.getState().setTool("blade"),
      "tool.slip": () => useStage.getState().setTool("slip"),
      "tool.slide": () => useStage.getState().setTool("slide"),
      "tool.snap": () => useStage.getState().set({ snap: !useStage.getState().snap }),
    }),
    "tool.select": () => useStage.getState().setTool("select"),
    "select.all": () => useStage.getState().select(allClips(view).map((clip) => clip.id)),
    "select.none": () => clearSelection(),
    "range.clip": () => {
      const meant = clipRange(choice());
      if (meant) useStage.getState().setRange(meant);
    },
    "select.next-gap": () => selectNextGap(view),
    "marker.next": () => goToMarker(view, 1),
    "marker.previous": () => goToMarker(view, -1),
    "view.zoom-in": () => zoom(canvas(), 1.5),
    "view.zoom-out": () => zoom(canvas(), 1 / 1.5),
    "view.fit": () => fitFilm(canvas()),
    "view.others": () =>
      useStage.getState().set({ othersHidden: !useStage.getState().othersHidden }),
  });
}

function clearSelection(): void {
  const stage = useStage.getState();
  if (stage.following !== null) stage.set({ following: null });
  else if (stage.selection.length === 0 && stage.tool !== "select") stage.setTool("select");
  stage.select([]);
  useTimelineUi.getState().selectGap(null);
}

/** Without a selection the comma and full stop keys do nothing: they name clips, not the playhead. */
function nudge(choice: Choice, editing: Editing, frames: number): void {
  const { tool } = useStage.getState();
  const withTool = tool === "slip" || tool === "slide";
  void editing.run(
    withTool ? toolNudgeCommands(choice, tool, frames) : nudgeCommands(choice, frames),
  );
}

type MoreWiring = {
  readonly view: TimelineView;
  readonly choice: () => Choice;
  readonly edit: (commands: readonly Command[], otherwise?: string) => void;
  readonly copied: () => readonly string[];
  readonly added: Editing["run"];
};

/** The operations that have a name in the palette, and a key where many people have one for them. */
function moreEdits({ view, choice, edit, copied, added }: MoreWiring) {
  const { noClip, noRange, selectTwo } = say.timeline;
  const range = () => useStage.getState().range;
  const track = (rows: -1 | 1) => {
    const meant = meantTrack(choice());
    if (meant) edit(reorderCommands(view, meant.id, rows));
  };
  return {
    "edit.extend": () => edit(extendCommands(choice()), noClip),
    "edit.lift-range": () => edit(rangeCommands(choice(), range(), "lift"), noRange),
    "edit.extract-range": () => edit(rangeCommands(choice(), range(), "remove_range"), noRange),
    "edit.delete-left": () => edit(sideCommands(choice(), "left")),
    "edit.delete-right": () => edit(sideCommands(choice(), "right")),
    "edit.paste-attributes": () =>
      edit(pasteAttributesCommands(choice(), copied()), say.timeline.nothingCopied),
    "edit.duplicate": () => edit(duplicateCommands(choice()), noClip),
    "edit.enable": () => edit(enableCommands(choice()), noClip),
    "edit.link": () => edit(linkCommands(choice()), selectTwo),
    "edit.group": () => edit(groupCommands(choice(), "group"), selectTwo),
    "edit.ungroup": () => edit(groupCommands(choice(), "ungroup"), noClip),
    "edit.join": () => edit(joinCommands(choice()), selectTwo),
    "edit.swap": () => edit(swapCommands(choice()), selectTwo),
    "edit.reverse": () => edit(reverseCommands(choice()), noClip),
    "edit.freeze": () => edit(freezeCommands(choice()), say.timeline.nothingToSplit),
    "edit.nest": () => edit(nestCommands(choice(), say.timeline.nestName), noClip),
    "edit.un-nest": () => edit(unNestCommands(choice()), noClip),
    "edit.fit-range": () => edit(fitRangeCommands(choice(), range()), noRange),
    "track.add-video": () => edit([{ op: "add_track", kind: "video", sequence: view.sequence }]),
    "track.add-audio": () => edit([{ op: "add_track", kind: "audio", sequence: view.sequence }]),
    "track.add-captions": () =>
      edit([{ op: "add_track", kind: "caption", sequence: view.sequence }]),
    "track.up": () => track(-1),
    "track.down": () => track(1),
    "sequence.new": () => void newSequence(view, added),
    "select.forward": () => useStage.getState().select(forwardClips(choice())),
    "tool.ripple": () => useStage.getState().set({ ripple: !useStage.getState().ripple }),
    "tool.linked": () => useStage.getState().set({ linked: !useStage.getState().linked }),
  };
}

/** An empty sequence like the one that is open, with a track each for picture and sound; then opened. */
async function newSequence(view: TimelineView, added: Editing["run"]): Promise<void> {
  const { num, den } = view.rate;
  const values = {
    name: say.timeline.newSequence,
    width: view.size.width,
    height: view.size.height,
    fps_num: num,
    fps_den: den,
  };
  const created = await added([{ op: "add_sequence", values }]);
  const sequence = created?.["sequence"];
  if (!sequence) return;
  await added([
    { op: "add_track", kind: "video", sequence },
    { op: "add_track", kind: "audio", sequence },
  ]);
  useStage.getState().openSequence(sequence);
}

async function addAdjustment(choice: Choice, editing: Editing): Promise<void> {
  const created = await editing.run(adjustmentCommands(choice.view, choice.playhead));
  const clip = created?.["clip"];
  if (clip) useStage.getState().select([clip]);
}

export function addTransition(choice: Choice, editing: Editing, kind?: string): void {
  const cut = nearestCut(choice);
  const reach = TRANSITION_NEAR * 705_600_000;
  const near =
    cut && (choice.selection.length > 0 || Math.abs(cut.right.start - choice.playhead) <= reach);
  if (!cut || !near) {
    toast(say.timeline.noCutNear);
    return;
  }
  void editing.run(transitionCommands(choice.view, cut, kind));
}

/** M marks the playhead; where a marker stands already it opens that one. */
function addMarker(view: TimelineView, editing: Editing, onMarker: (id: string) => void): void {
  const { playhead } = useStage.getState();
  const here = view.markers.find((marker) => marker.at === playhead);
  if (here) onMarker(here.id);
  else void editing.run([{ op: "add_marker", owner: view.sequence, t: playhead }]);
}

function goToMarker(view: TimelineView, direction: 1 | -1): void {
  const { playhead, seek } = useStage.getState();
  const times = view.markers.map((marker) => marker.at);
  const next =
    direction === 1 ? times.find((at) => at > playhead) : times.findLast((at) => at < playhead);
  if (next !== undefined) seek(next);
}

function selectNextGap(view: TimelineView): void {
  const { playhead, selection, seek, select } = useStage.getState();
  const { gap, selectGap } = useTimelineUi.getState();
  const from = gap ? gap.start + 1 : playhead;
  let best: { track: string; start: Flicks; end: Flicks } | null = null;
  for (const track of view.tracks) {
    let end = 0;
    for (const clip of track.clips) {
      if (clip.start > end && end >= from && (!best || end < best.start)) {
        best = { track: track.id, start: flicks(end), end: clip.start };
      }
      end = Math.max(end, endOf(clip));
    }
  }
  if (!best) return;
  if (selection.length > 0) select([]);
  selectGap(best);
  seek(best.start);
}

function zoom(canvas: TimelineCanvas | null, factor: number): void {
  if (!canvas) return;
  const { playhead, setView } = useStage.getState();
  const shown = revealing(canvas.viewport, playhead);
  const x = ((playhead - shown.from) / 705_600_000) * shown.pixelsPerSecond;
  const { num, den } = canvas.view.rate;
  const { from, pixelsPerSecond } = zoomedAt(shown, factor, x, num / den);
  setView({ from, pixelsPerSecond });
}

/** A clip with its links, as the switch says: for selections made from outside the canvas. */
export const chosen = (view: TimelineView, ids: readonly string[]): readonly string[] =>
  useStage.getState().linked ? withLinks(view, ids) : ids;
