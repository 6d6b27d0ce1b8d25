/** Names and switches of the tracks, scrolled with the canvas beside them. */
import {
  AudioLines,
  Captions,
  Ellipsis,
  Eye,
  EyeOff,
  Film,
  Headphones,
  Lock,
  LockOpen,
  Volume2,
  VolumeX,
} from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { Menu, type MenuItem } from "@/components/ui/menu";
import { say } from "@/lib/messages/screens";
import { type Row, type RowHeight, type Rows, RULER_HEIGHT } from "./model/rows";
import type { TimelineView, TrackView } from "./model/view-model";

const SequenceMenu = lazy(() =>
  import("./sequence-menu").then((module) => ({ default: module.SequenceMenu })),
);

export const HEADERS_WIDTH = 168;

export type TrackSwitch = "locked" | "muted" | "solo" | "enabled" | "sync_lock";

export type TrackActions = {
  readonly onSwitch: (track: string, key: TrackSwitch, value: boolean) => void;
  readonly onRename: (track: string, name: string) => void;
  readonly onHeight: (track: string, height: RowHeight) => void;
  readonly onAdd: (kind: "video" | "audio") => void;
  /** One place up (-1) or down among tracks of its kind. */
  readonly onReorder: (track: string, rows: -1 | 1) => void;
  readonly onRemove: (track: string) => void;
};

const ICONS = { video: Film, audio: AudioLines, caption: Captions } as const;

/** `V2`: counted from the bottom for pictures, from the top for sound. */
export function trackLabel(view: TimelineView, track: TrackView): string {
  if (track.name !== "") return track.name;
  const same = view.tracks.filter((other) => other.kind === track.kind);
  const place = same.indexOf(track);
  const number = track.kind === "audio" ? place + 1 : same.length - place;
  return `${say.timeline.shortTrack[track.kind]}${number}`;
}

type HeadersProps = {
  readonly view: TimelineView;
  readonly rows: Rows;
  readonly scrollY: number;
  readonly canEdit: boolean;
  readonly actions: TrackActions;
};

export const TrackHeaders = ({ view, rows, scrollY, canEdit, actions }: HeadersProps) => (
  <section
    aria-label={say.timeline.headers}
    style={{ width: HEADERS_WIDTH }}
    className="relative shrink-0 overflow-hidden border-e border-divider bg-panel"
  >
    <div
      style={{ height: RULER_HEIGHT }}
      className="relative z-10 flex items-center justify-end gap-0.5 border-b border-divider bg-raised px-1"
    >
      <Suspense>
        <SequenceMenu view={view} canEdit={canEdit} />
      </Suspense>
      {canEdit && (
        <>
          <IconButton
            label={say.timeline.addVideoTrack}
            icon={Film}
            iconSize={14}
            className="size-6"
            onClick={() => actions.onAdd("video")}
          />
          <IconButton
            label={say.timeline.addAudioTrack}
            icon={AudioLines}
            iconSize={14}
            className="size-6"
            onClick={() => actions.onAdd("audio")}
          />
        </>
      )}
    </div>
    <div className="absolute inset-x-0" style={{ top: RULER_HEIGHT - scrollY }}>
      {rows.rows.map((row) => (
        <Header
          key={row.track.id}
          row={row}
          name={trackLabel(view, row.track)}
          canEdit={canEdit}
          removable={view.tracks.length > 1}
          actions={actions}
        />
      ))}
    </div>
  </section>
);

type HeaderProps = {
  readonly row: Row;
  readonly name: string;
  readonly canEdit: boolean;
  readonly removable: boolean;
  readonly actions: TrackActions;
};

const Header = ({ row, name, canEdit, removable, actions }: HeaderProps) => {
  const { track, top, height } = row;
  const Icon = ICONS[track.kind];
  const low = height < 50;
  return (
    <div
      style={{ top, height }}
      className={classNames(
        "group absolute inset-x-0 flex bg-raised/60 ps-2 pe-1",
        low ? "items-center gap-1" : "flex-col justify-center gap-1",
      )}
    >
      <span
        className="flex min-w-0 flex-1 items-center gap-1.5 data-[tall]:flex-none"
        data-tall={low ? undefined : ""}
      >
        <Icon size={13} aria-hidden="true" className="shrink-0 text-faint" />
        <TrackName track={track} name={name} canEdit={canEdit} onRename={actions.onRename} />
        {canEdit && !low && <HeaderMenu {...{ row, name, removable, actions }} />}
      </span>
      <span className={classNames("flex items-center", !low && "-ms-1")}>
        <HeaderSwitches track={track} name={name} canEdit={canEdit} actions={actions} />
        {canEdit && low && <HeaderMenu {...{ row, name, removable, actions }} />}
      </span>
    </div>
  );
};

type SwitchesProps = Pick<HeaderProps, "name" | "canEdit" | "actions"> & {
  readonly track: TrackView;
};

const HeaderSwitches = ({ track, name, canEdit, actions }: SwitchesProps) => {
  const common = { iconSize: 14, className: "size-6", disabled: !canEdit } as const;
  return (
    <>
      <IconButton
        {...common}
        label={say.timeline.lock(name)}
        icon={track.locked ? Lock : LockOpen}
        pressed={track.locked}
        tone="warn"
        onClick={() => actions.onSwitch(track.id, "locked", !track.locked)}
      />
      {track.kind === "audio" ? (
        <>
          <IconButton
            {...common}
            label={say.timeline.mute(name)}
            icon={track.muted ? VolumeX : Volume2}
            pressed={track.muted}
            tone="bad"
            onClick={() => actions.onSwitch(track.id, "muted", !track.muted)}
          />
          <IconButton
            {...common}
            label={say.timeline.solo(name)}
            icon={Headphones}
            pressed={track.solo}
            tone="warn"
            onClick={() => actions.onSwitch(track.id, "solo", !track.solo)}
          />
        </>
      ) : (
        <IconButton
          {...common}
          label={say.timeline.hide(name)}
          icon={track.enabled ? Eye : EyeOff}
          pressed={!track.enabled}
          tone="bad"
          onClick={() => actions.onSwitch(track.id, "enabled", !track.enabled)}
        />
      )}
    </>
  );
};

const HEIGHTS = [28, 56, 96] as const;

const HeaderMenu = ({ row, name, removable, actions }: Omit<HeaderProps, "canEdit">) => {
  const { track, height } = row;
  const items: MenuItem[] = [
    ...HEIGHTS.map(
      (size): MenuItem => ({
        kind: "switch",
        id: `height-${size}`,
        label: say.timeline.heights[size],
        checked: height === size,
        onSelect: () => actions.onHeight(track.id, size),
      }),
    ),
    { kind: "seam", id: "seam-1" },
    {
      kind: "switch",
      id: "sync",
      label: say.timeline.syncLock,
      checked: track.syncLock,
      onSelect: () => actions.onSwitch(track.id, "sync_lock", !track.syncLock),
    },
    { kind: "seam", id: "seam-2" },
    ...([-1, 1] as const).map(
      (rows): MenuItem => ({
        kind: "item",
        id: rows === -1 ? "up" : "down",
        label: rows === -1 ? say.command["track.up"] : say.command["track.down"],
        onSelect: () => actions.onReorder(track.id, rows),
      }),
    ),
    {
      kind: "item",
      id: "remove",
      label: say.timeline.removeTrack,
      danger: true,
      disabled: !removable,
      onSelect: () => actions.onRemove(track.id),
    },
  ];
  return (
    <Menu label={say.timeline.trackMenu(name)} items={items} align="end">
      <button
        type="button"
        aria-label={say.timeline.trackMenu(name)}
        className="grid size-6 shrink-0 place-items-center rounded-control text-faint hover:bg-hover hover:text-text"
      >
        <Ellipsis size={14} aria-hidden="true" />
      </button>
    </Menu>
  );
};

type NameProps = {
  readonly track: TrackView;
  readonly name: string;
  readonly canEdit: boolean;
  readonly onRename: (track: string, name: string) => void;
};

const TrackName = ({ track, name, canEdit, onRename }: NameProps) => {
  const [typed, setTyped] = useState<string | null>(null);
  if (typed === null) {
    return (
      <button
        type="button"
        disabled={!canEdit}
        title={name}
        aria-label={say.timeline.trackName(name)}
        onDoubleClick={() => setTyped(name)}
        onKeyDown={(event) => event.key === "Enter" && setTyped(name)}
        className="min-h-6 min-w-0 flex-1 cursor-default truncate rounded-control text-start text-dense text-text"
      >
        {name}
      </button>
    );
  }
  const end = (keep: boolean) => {
    if (keep && typed.trim() !== name) onRename(track.id, typed.trim());
    setTyped(null);
  };
  return (
    <input
      ref={(field) => field?.focus()}
      aria-label={say.timeline.trackName(name)}
      value={typed}
      maxLength={200}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        if (event.key === "Enter") end(true);
        if (event.key === "Escape") end(false);
      }}
      className="h-6 min-w-0 flex-1 rounded-control border border-accent bg-field px-1 text-dense"
    />
  );
};
