/** The document as a view, made again only when the document or a fact about its media changed. */
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useDocument, usePeers } from "@/collab/hooks";
import type { Peer } from "@/collab/presence";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { flicks } from "@/timeline-core/time";
import { type ClipNames, ViewBuilder } from "./model/build-view";
import type { PersonView } from "./model/people";
import type { TimelineView } from "./model/view-model";
import { MediaStore } from "./paint/media-source";

export function useClipNames(): ClipNames {
  const { catalog } = useServices();
  return useMemo<ClipNames>(
    () => (record, asset) => {
      const { name, text, kind } = record as { name?: unknown; text?: unknown; kind?: unknown };
      if (typeof name === "string" && name !== "") return name;
      if (typeof text === "string" && text !== "") return text.replaceAll("\n", " ");
      if (asset !== null) return catalog.asset(asset)?.name ?? asset;
      return say.timeline.unnamed[String(kind)] ?? "";
    },
    [catalog],
  );
}

export type Built = { readonly view: TimelineView; readonly builder: ViewBuilder };

export function useTimelineView(nameOf: ClipNames): Built {
  const { catalog } = useServices();
  const document = useDocument();
  const sequence = useStage((stage) => stage.sequence);
  const [builder] = useState(() => new ViewBuilder());
  const table = useSyncExternalStore(
    (listener) => catalog.subscribe(listener),
    () => catalog.table(),
  );
  useEffect(() => {
    const wanted = new Set<string>();
    for (const record of document.clips.values()) {
      const { asset } = record as { asset?: unknown };
      if (typeof asset === "string" && asset !== "") wanted.add(asset);
    }
    for (const record of document.effects.values()) {
      const asset = record["p:asset"];
      if (typeof asset === "string" && asset !== "") wanted.add(asset);
    }
    catalog.want(wanted);
  }, [catalog, document.clips, document.effects]);
  const view = useMemo(
    () => builder.build(document, table, sequence, nameOf),
    [builder, document, table, sequence, nameOf],
  );
  return { view, builder };
}

/** Thumbnails and peaks for the canvas; `changed` is told when one came. */
export function useMediaStore(changed: () => void): MediaStore {
  const { catalog } = useServices();
  return useMemo(
    () =>
      new MediaStore({
        facts: (id) => {
          const asset = catalog.asset(id);
          if (!asset) return null;
          const { facts } = asset;
          const [width, height] = [facts?.width ?? 0, facts?.height ?? 0];
          return {
            aspect: width > 0 && height > 0 ? width / height : 16 / 9,
            seconds: facts?.duration == null ? null : facts.duration / 705_600_000,
            still: asset.kind === "image",
            hasThumbnails: asset.urls.thumbnails !== null,
            hasPeaks: asset.urls.peaks !== null,
          };
        },
        fetch: (path) => fetch(path, { credentials: "same-origin" }),
        changed,
      }),
    [catalog, changed],
  );
}

/** A colour name of presence as the colour of its token. */
export function personColor(name: string): string {
  const token = /^person-\d+$/.test(name) ? `--color-${name}` : "--color-person-1";
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}

export const personOf = (peer: Peer): PersonView => ({
  client: peer.client,
  name: peer.user.name,
  color: personColor(peer.user.color),
  playhead: peer.playhead == null ? null : flicks(peer.playhead),
  selection: peer.selection ?? [],
  cursor:
    peer.cursor?.area === "timeline" && peer.cursor.track !== null
      ? { t: flicks(peer.cursor.t), track: peer.cursor.track, dy: peer.cursor.dy }
      : null,
  drag: peer.drag ? { ...peer.drag, dt: flicks(peer.drag.dt) } : null,
});

export function usePeople(): readonly PersonView[] {
  const peers = usePeers();
  return useMemo(() => peers.map(personOf), [peers]);
}
