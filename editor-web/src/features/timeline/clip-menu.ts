/** What a right click offers on a clip, a gap, a transition or nothing. */
import type { MenuItem } from "@/components/ui/menu";
import { firstKey } from "@/lib/keys/choice";
import type { CommandId } from "@/lib/keys/keymap";
import type { CommandRegistry } from "@/lib/keys/registry";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import type { Command } from "@/timeline-core/commands";
import type { Flicks } from "@/timeline-core/time";
import { splitClip } from "./edit-commands";
import type { Hit } from "./model/hit-test";
import { type ClipView, findClip, type TimelineView } from "./model/view-model";
import type { Gap } from "./timeline-canvas";

type MenuPort = {
  readonly view: TimelineView;
  readonly run: (commands: readonly Command[]) => void;
  readonly registry: CommandRegistry;
  readonly selectGap: (gap: Gap | null) => void;
};

export function menuItems(hit: Hit, at: Flicks, port: MenuPort): readonly MenuItem[] {
  switch (hit.kind) {
    case "body":
    case "edge":
      return clipItems(hit.clip, at, port);
    case "roll":
      return [
        item("transition", say.timeline.addTransition, () =>
          port.run([{ op: "add_transition", clips: [hit.left.id, hit.right.id] }]),
        ),
        ...clipItems(hit.right, at, port),
      ];
    case "transition":
      return [
        item("remove", say.timeline.removeTransition, () =>
          port.run([{ op: "remove_transition", transition: hit.transition.id }]),
        ),
      ];
    case "gap":
      return [
        item("close", say.timeline.closeGap, () =>
          port.run([{ op: "close_gap", track: hit.track.id, at: hit.start }]),
        ),
        ...emptyItems(at, port),
      ];
    case "empty":
      return emptyItems(at, port);
    default:
      return hit satisfies never;
  }
}

const item = (id: string, label: string, onSelect: () => void): MenuItem => ({
  kind: "item",
  id,
  label,
  onSelect,
});

const keyed = (id: CommandId, registry: CommandRegistry, danger = false): MenuItem => ({
  kind: "item",
  id,
  label: say.command[id],
  keys: firstKey(id),
  danger,
  disabled: !registry.available(id),
  onSelect: () => void registry.run(id),
});

function clipItems(clip: ClipView, at: Flicks, port: MenuPort): readonly MenuItem[] {
  const { registry, run, view } = port;
  const { selection, linked } = useStage.getState();
  const chosen = selection.filter((id) => findClip(view, id) !== null);
  const clips = chosen.includes(clip.id) ? chosen : [clip.id];
  const set = (values: Command["values"]) => () =>
    run(clips.map((id) => ({ op: "set", map: "clips", id, values: values ?? null })));
  return [
    keyed("edit.cut", registry),
    keyed("edit.copy", registry),
    keyed("edit.paste", registry),
    { kind: "seam", id: "seam-1" },
    item("split", say.timeline.splitHere, () => run(splitClip(clip.id, at, linked))),
    item("duplicate", say.timeline.duplicate, () => run([{ op: "duplicate", clips, linked }])),
    {
      kind: "switch",
      id: "enabled",
      label: say.timeline.enable,
      checked: clip.enabled,
      onSelect: set({ enabled: !clip.enabled }),
    },
    clip.link === ""
      ? ({
          ...item("link", say.timeline.linkClips, () => run([{ op: "link", clips }])),
          disabled: clips.length < 2,
        } as MenuItem)
      : item("unlink", say.timeline.unlink, () => run([{ op: "unlink", clips }])),
    { kind: "seam", id: "seam-2" },
    keyed("edit.lift", registry),
    keyed("edit.ripple-delete", registry, true),
  ];
}

const emptyItems = (at: Flicks, { registry }: MenuPort): readonly MenuItem[] => [
  {
    kind: "item",
    id: "paste",
    label: say.timeline.pasteHere,
    onSelect: () => {
      useStage.getState().seek(at);
      registry.run("edit.paste");
    },
  },
  keyed("select.all", registry),
  keyed("view.fit", registry),
];
