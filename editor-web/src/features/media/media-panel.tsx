/** The media of the workspace: dropped in, prepared, dragged to the timeline. */
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Film, Grid2x2, List, Plus, Search } from "lucide-react";
import {
  type DragEvent,
  useDeferredValue,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useCanWrite, useDocument } from "@/collab/hooks";
import { Button, IconButton } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { FailedCall } from "@/components/ui/failed-call";
import { TextInput } from "@/components/ui/field";
import { Empty, Skeleton, useLate } from "@/components/ui/states";
import { listAssets } from "@/lib/api/assets";
import type { Asset } from "@/lib/api/types";
import { ASSET_DRAG_TYPE } from "@/lib/asset-drag";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { MediaItem } from "./media-item";
import { assetsKey, type Placing } from "./placing";
import { UploadItem } from "./upload-item";

type MediaPanelProps = {
  readonly workspace: string;
  readonly onPlace: (assets: readonly Asset[], place: Placing) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onSource: (asset: Asset) => void;
};

type Look = "list" | "grid";

const LOOK_KEY = "cutroom:media-look";
const ACCEPTED = "video/*,audio/*,image/*,.mov,.mkv,.mxf,.cube";

export const MediaPanel = ({ workspace, onPlace, onFiles, onSource }: MediaPanelProps) => {
  const canEdit = useCanWrite();
  const [look, setLook] = useState<Look>(() => (localStorage.getItem(LOOK_KEY) as Look) ?? "grid");
  const [typed, setTyped] = useState("");
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const choose = (next: Look) => {
    localStorage.setItem(LOOK_KEY, next);
    setLook(next);
  };
  const holdsFiles = (event: DragEvent) =>
    event.dataTransfer.types.includes("Files") &&
    !event.dataTransfer.types.includes(ASSET_DRAG_TYPE);
  return (
    <section
      aria-label={say.media.tab}
      className="relative flex min-h-0 flex-1 flex-col"
      onDragOver={(event) => {
        if (!canEdit || !holdsFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!canEdit || !holdsFiles(event)) return;
        event.preventDefault();
        onFiles([...event.dataTransfer.files]);
      }}
    >
      <div className="flex shrink-0 items-center gap-1 p-2">
        <span className="relative min-w-0 flex-1">
          <Search size={14} aria-hidden="true" className="absolute start-2 top-1.5 text-faint" />
          <TextInput
            type="search"
            aria-label={say.media.search}
            placeholder={say.media.search}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="ps-7"
          />
        </span>
        <IconButton
          label={say.media.list}
          icon={List}
          pressed={look === "list"}
          onClick={() => choose("list")}
        />
        <IconButton
          label={say.media.grid}
          icon={Grid2x2}
          pressed={look === "grid"}
          onClick={() => choose("grid")}
        />
      </div>
      <MediaList
        {...{ workspace, look, canEdit, onPlace, onSource }}
        sought={useDeferredValue(typed.trim().toLocaleLowerCase())}
      />
      {canEdit && (
        <div className="shrink-0 border-t border-divider p-2">
          <Button icon={Plus} className="w-full" onClick={() => picker.current?.click()}>
            {say.media.add}
          </Button>
        </div>
      )}
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        accept={ACCEPTED}
        aria-label={say.media.add}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {over && (
        <div className="pointer-events-none absolute inset-1 z-10 grid place-items-center rounded-panel border-2 border-accent border-dashed bg-accent/10 text-accent">
          {say.media.dropHere}
        </div>
      )}
    </section>
  );
};

type ListProps = Pick<MediaPanelProps, "workspace" | "onPlace" | "onSource"> & {
  readonly look: Look;
  readonly sought: string;
  readonly canEdit: boolean;
};

const MediaList = ({ workspace, look, sought, canEdit, onPlace, onSource }: ListProps) => {
  const { uploads } = useServices();
  const queries = useQueryClient();
  const { query, assets } = useAssets(workspace);
  const used = useUses();
  const pending = useSyncExternalStore(uploads.subscribe, uploads.list);
  const known = new Set(assets.map((asset) => asset.id));
  const shown = pending.filter(
    (upload) => upload.state !== "cancelled" && !(upload.asset && known.has(upload.asset)),
  );
  const late = useLate(query.isPending);
  const found = assets.filter((asset) => asset.name.toLocaleLowerCase().includes(sought));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const chosen = (asset: Asset): readonly Asset[] =>
    selected.has(asset.id) ? assets.filter((one) => selected.has(one.id)) : [asset];
  const select = (asset: Asset, add: boolean) => {
    const next = new Set(add ? selected : []);
    if (add && next.has(asset.id)) next.delete(asset.id);
    else next.add(asset.id);
    setSelected(next);
  };
  if (query.isLoadingError) {
    return (
      <FailedCall
        error={query.error}
        title={say.media.failed}
        onRetry={() => void queries.invalidateQueries({ queryKey: assetsKey(workspace) })}
      />
    );
  }
  if (late) return <Placeholders />;
  if (query.isSuccess && assets.length === 0 && shown.length === 0) {
    return (
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        <Empty icon={Film} title={say.media.empty}>
          {say.media.emptyHint}
        </Empty>
      </div>
    );
  }
  if (found.length === 0 && shown.length === 0 && sought !== "") {
    return <Empty icon={Search} title={say.media.nothingFound} />;
  }
  return (
    <ul
      aria-label={say.media.tab}
      className={classNames(
        "min-h-0 flex-1 content-start overflow-y-auto px-2 pb-2",
        look === "grid"
          ? "grid grid-cols-[repeat(auto-fill,minmax(112px,1fr))] gap-2"
          : "flex flex-col",
      )}
    >
      {shown.map((upload) => (
        <UploadItem key={upload.id} upload={upload} look={look} />
      ))}
      {found.map((asset) => (
        <MediaItem
          key={asset.id}
          asset={asset}
          look={look}
          uses={used.get(asset.id) ?? 0}
          canEdit={canEdit}
          selected={selected.has(asset.id)}
          onSelect={(add) => select(asset, add)}
          dragged={() => chosen(asset)}
          onPlace={(place) => onPlace(chosen(asset), place)}
          onSource={() => onSource(asset)}
        />
      ))}
    </ul>
  );
};

const Placeholders = () => (
  <div className="grid grid-cols-2 gap-2 px-2">
    {["a", "b", "c", "d"].map((name) => (
      <Skeleton key={name} className="aspect-video" />
    ))}
  </div>
);

/** The list of the workspace, each item as the catalog last heard of it. */
function useAssets(workspace: string) {
  const { api, catalog } = useServices();
  const query = useInfiniteQuery({
    queryKey: assetsKey(workspace),
    queryFn: async ({ pageParam }) => {
      const page = await listAssets(api, workspace, pageParam);
      for (const asset of page.items) catalog.put(asset);
      return page;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const table = useSyncExternalStore(
    (listener) => catalog.subscribe(listener),
    () => catalog.table(),
  );
  const { fetchNextPage, hasNextPage, isFetching } = query;
  if (hasNextPage && !isFetching) void fetchNextPage();
  const assets = useMemo(() => {
    const listed = query.data?.pages.flatMap((page) => page.items) ?? [];
    const known = new Set(listed.map((asset) => asset.id));
    // A guest sees no workspace, but everything that the film is made of.
    const others = [...table.keys()].flatMap((id) =>
      known.has(id) ? [] : (catalog.asset(id) ?? []),
    );
    const newest = [...listed.map((asset) => catalog.asset(asset.id) ?? asset), ...others];
    return newest.sort((left, right) => (left.created_at < right.created_at ? 1 : -1));
  }, [query.data, catalog, table]);
  return { query, assets };
}

/** How often each asset stands on the timeline. */
function useUses(): ReadonlyMap<string, number> {
  const { clips } = useDocument();
  return useMemo(() => {
    const uses = new Map<string, number>();
    for (const record of clips.values()) {
      const { asset, removed } = record as { asset?: unknown; removed?: unknown };
      if (typeof asset !== "string" || removed === true) continue;
      uses.set(asset, (uses.get(asset) ?? 0) + 1);
    }
    return uses;
  }, [clips]);
}
