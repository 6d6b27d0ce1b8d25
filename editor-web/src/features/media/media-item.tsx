/** One piece of media: its picture, how far it is, and the ways onto the timeline. */
import { AudioLines, CircleAlert, Ellipsis, Film, Image, Palette } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { classNames } from "@/components/ui/class-names";
import { Menu, type MenuItem } from "@/components/ui/menu";
import { Progress } from "@/components/ui/states";
import type { Asset } from "@/lib/api/types";
import { ASSET_DRAG_TYPE, useAssetDrag } from "@/lib/asset-drag";
import { firstKey } from "@/lib/keys/choice";
import { useRegistry } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { factsLine } from "./media-facts";
import { draggedOf, type Placing } from "./placing";

const ICONS = { video: Film, audio: AudioLines, image: Image, lut: Palette } as const;

type MediaItemProps = {
  readonly asset: Asset;
  readonly look: "list" | "grid";
  readonly uses: number;
  readonly canEdit: boolean;
  readonly selected: boolean;
  readonly onSelect: (add: boolean) => void;
  readonly dragged: () => readonly Asset[];
  readonly onPlace: (place: Placing) => void;
  /** Opens it in the source monitor, to take a part of it. */
  readonly onSource: () => void;
};

export const MediaItem = (props: MediaItemProps) => {
  const { asset, look, canEdit, selected, onSelect, dragged, onPlace, onSource } = props;
  const { begin, end } = useAssetDrag.getState();
  const state = stateOf(asset);
  const { length, facts } = factsLine(asset);
  const usable = canEdit && asset.state !== "failed" && asset.kind !== "lut";
  const registry = useRegistry();
  const press = (event: KeyboardEvent) => {
    const command = registry.meant(event.nativeEvent, "media");
    const place = PLACES[command ?? ""];
    if (!usable || (place === undefined && command !== "media.source")) return;
    event.preventDefault();
    event.stopPropagation();
    if (place) onPlace(place);
    else onSource();
  };
  return (
    <li className={classNames("group relative", look === "list" && "border-b border-divider/60")}>
      <button
        type="button"
        draggable={usable}
        aria-label={say.media.item(asset.name, `${facts}, ${state.text}`)}
        aria-pressed={selected}
        title={usable ? say.media.hint : asset.name}
        onClick={(event) => onSelect(event.ctrlKey || event.metaKey)}
        onDoubleClick={() => usable && onSource()}
        onKeyDown={press}
        onDragStart={(event) => {
          event.dataTransfer.setData(ASSET_DRAG_TYPE, asset.id);
          event.dataTransfer.effectAllowed = "copy";
          begin(draggedOf(dragged()));
        }}
        onDragEnd={end}
        className={classNames(
          "w-full cursor-default rounded-control text-start outline-offset-0",
          look === "grid" ? "flex flex-col" : "flex items-center gap-2 py-1 ps-1 pe-8",
          selected ? "bg-accent/20" : "hover:bg-hover/70",
        )}
      >
        <Picture asset={asset} look={look} length={length} />
        <span className={classNames("min-w-0", look === "grid" ? "px-1 pt-1 pb-1.5" : "flex-1")}>
          <span className="block truncate text-dense text-text">{asset.name}</span>
          <span className="flex items-center gap-1 text-dense">
            <span className={classNames("truncate", state.tone)}>
              {state.text === say.media.ready ? facts : state.text}
            </span>
          </span>
          {state.part !== null && (
            <span className="mt-1 block">
              <Progress value={state.part} label={state.text} />
            </span>
          )}
        </span>
      </button>
      {canEdit && <ItemMenu {...props} />}
      {asset.state === "failed" && <FailedNote asset={asset} />}
    </li>
  );
};

const PLACES: Readonly<Record<string, Placing>> = {
  "media.insert": "insert",
  "media.overwrite": "overwrite",
  "media.append": "append",
};

type ItemState = { readonly text: string; readonly tone: string; readonly part: number | null };

function stateOf(asset: Asset): ItemState {
  if (asset.state === "failed") return { text: say.media.cannotUse, tone: "text-bad", part: null };
  if (asset.state === "ready" && asset.proxy !== "pending") {
    return { text: say.media.ready, tone: "text-faint", part: null };
  }
  const part = asset.progress > 0 ? asset.progress : null;
  return { text: say.media.preparing, tone: "text-accent", part };
}

type PictureProps = Pick<MediaItemProps, "asset" | "look"> & { readonly length: string };

const Picture = ({ asset, look, length }: PictureProps) => {
  const image = useRef<HTMLImageElement>(null);
  const Icon = asset.state === "failed" ? CircleAlert : ICONS[asset.kind];
  const middle = Math.floor((asset.facts?.duration ?? 0) / 705_600_000 / 3);
  const address =
    asset.urls.thumbnails && asset.kind !== "audio" ? `${asset.urls.thumbnails}/${middle}` : null;
  return (
    <span
      className={classNames(
        "relative grid shrink-0 place-items-center overflow-hidden rounded-control bg-canvas",
        look === "grid" ? "aspect-video w-full" : "h-9 w-16",
      )}
    >
      <Icon
        size={look === "grid" ? 22 : 16}
        aria-hidden="true"
        className={
          asset.state === "failed"
            ? "text-bad"
            : asset.kind === "audio"
              ? "text-clip-audio-edge"
              : "text-faint"
        }
      />
      {address && (
        <img
          ref={image}
          src={address}
          alt=""
          loading="lazy"
          draggable={false}
          onError={() => image.current?.remove()}
          className="absolute inset-0 size-full object-contain"
        />
      )}
      {length && look === "grid" && (
        <span className="absolute end-1 bottom-1 rounded-[3px] bg-canvas/80 px-1 text-dense text-text tabular-nums">
          {length}
        </span>
      )}
    </span>
  );
};

const ItemMenu = ({ asset, look, onPlace, onSource }: MediaItemProps) => {
  const way = (place: Placing, label: string): MenuItem => ({
    kind: "item",
    id: place,
    label,
    keys: firstKey(`media.${place}`),
    disabled: asset.state === "failed" || asset.kind === "lut",
    onSelect: () => onPlace(place),
  });
  const items: readonly MenuItem[] = [
    {
      kind: "item",
      id: "source",
      label: say.media.openSource,
      keys: firstKey("media.source"),
      disabled: asset.state === "failed" || asset.kind === "lut",
      onSelect: onSource,
    },
    way("insert", say.media.insert),
    way("overwrite", say.media.overwrite),
    way("append", say.media.append),
  ];
  return (
    <span className={classNames("absolute end-1", look === "grid" ? "top-1" : "top-2")}>
      <Menu label={say.media.menu(asset.name)} items={items} align="end">
        <button
          type="button"
          aria-label={say.media.menu(asset.name)}
          className="grid size-6 place-items-center rounded-control bg-canvas/70 text-text opacity-0 group-hover:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100"
        >
          <Ellipsis size={14} aria-hidden="true" />
        </button>
      </Menu>
    </span>
  );
};

const FailedNote = ({ asset }: { readonly asset: Asset }) => (
  <p className="px-1 pb-2 text-dense text-faint">
    {say.media.problem(asset.problem?.title ?? "", asset.problem?.detail ?? "")}
  </p>
);
