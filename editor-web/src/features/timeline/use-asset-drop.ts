/** Media dragged over the timeline: a box where it would land, and the command at the drop. */
import { type DragEvent, useCallback } from "react";
import {
  ASSET_DRAG_TYPE,
  type DraggedAsset,
  lengthOf,
  TRANSITION_DRAG_TYPE,
  useAssetDrag,
} from "@/lib/asset-drag";
import { useStage } from "@/lib/stage";
import { type Flicks, flicks, snapped } from "@/timeline-core/time";
import { type Cut, cutNear, tracksFor } from "./edit-commands";
import { nearestRow, RULER_HEIGHT } from "./model/rows";
import { SNAP_PIXELS, snapPoints, snapShift } from "./model/snapping";
import { toSpan, toTime } from "./model/viewport";
import { rowBox } from "./paint/paint-overlay";
import type { TimelineCanvas } from "./timeline-canvas";

type Landing = { readonly at: Flicks; readonly track: string | null };

type DropPort = {
  readonly canvas: () => TimelineCanvas | null;
  readonly onAssets: (
    assets: readonly DraggedAsset[],
    where: Landing & { readonly insert: boolean },
  ) => void;
  readonly onFiles: (files: readonly File[], where: Landing) => void;
  readonly onTransition: (kind: string, cut: Cut) => void;
};

const CUT_PIXELS = 40; // a transition falls on the nearest cut within this

export function useAssetDrop({ canvas, onAssets, onFiles, onTransition }: DropPort) {
  const landing = useCallback(
    (event: DragEvent): Landing | null => {
      const shown = canvas();
      return shown ? landingAt(shown, event, useAssetDrag.getState().assets) : null;
    },
    [canvas],
  );
  return {
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes(TRANSITION_DRAG_TYPE)) {
        showCut(canvas(), cutUnder(canvas(), event), event);
        return;
      }
      const files = event.dataTransfer.types.includes("Files");
      if (!files && !event.dataTransfer.types.includes(ASSET_DRAG_TYPE)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      const where = landing(event);
      if (where) showLanding(canvas(), where, useAssetDrag.getState().assets);
    },
    onDragLeave: () => canvas()?.showTransient({ dropBox: null, snapLine: null }),
    onDrop: (event: DragEvent) => {
      const { transition } = useAssetDrag.getState();
      if (transition) {
        const cut = cutUnder(canvas(), event);
        canvas()?.showTransient({ dropBox: null, snapLine: null });
        useAssetDrag.getState().end();
        if (cut) {
          event.preventDefault();
          onTransition(transition.kind, cut);
        }
        return;
      }
      const where = landing(event);
      canvas()?.showTransient({ dropBox: null, snapLine: null });
      if (!where) return;
      event.preventDefault();
      const { assets, end } = useAssetDrag.getState();
      if (assets.length > 0) {
        const insert = event.ctrlKey || event.metaKey || useStage.getState().ripple;
        onAssets(assets, { ...where, insert });
      } else if (event.dataTransfer.files.length > 0) {
        onFiles([...event.dataTransfer.files], where);
      }
      end();
    },
  };
}

/** The cut on the row under the pointer that is nearest to it. */
function cutUnder(canvas: TimelineCanvas | null, event: DragEvent): Cut | null {
  if (!canvas) return null;
  const { left, top } = canvas.host.getBoundingClientRect();
  const { viewport, rows } = canvas;
  const row = nearestRow(rows, event.clientY - top - RULER_HEIGHT + viewport.scrollY);
  if (!row || row.track.locked) return null;
  return cutNear(row.track, toTime(viewport, event.clientX - left), toSpan(viewport, CUT_PIXELS));
}

const SHOWN_TICKS = 352_800_000; // as long as the transition that would come

function showCut(canvas: TimelineCanvas | null, cut: Cut | null, event: DragEvent): void {
  if (!canvas) return;
  if (!cut) {
    canvas.showTransient({ dropBox: null, snapLine: null });
    return;
  }
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  const at = cut.right.start;
  const { rows, viewport } = canvas;
  const [from, to] = [at - SHOWN_TICKS / 2, at + SHOWN_TICKS / 2];
  canvas.showTransient({
    dropBox: rowBox(rows, viewport, cut.right.track, from, to),
    snapLine: at,
  });
}

function landingAt(
  canvas: TimelineCanvas,
  event: DragEvent,
  assets: readonly DraggedAsset[],
): Landing {
  const { left, top } = canvas.host.getBoundingClientRect();
  const { viewport, view, rows } = canvas;
  const free = snapped(toTime(viewport, event.clientX - left), view.rate);
  const row = nearestRow(rows, event.clientY - top - RULER_HEIGHT + viewport.scrollY);
  const stage = useStage.getState();
  const track = row?.track.locked ? null : (row?.track.id ?? null);
  if (!stage.snap || event.altKey) return { at: flicks(Math.max(0, free)), track };
  const length = assets.reduce((sum, asset) => sum + lengthOf(asset), 0);
  const points = snapPoints(view, new Set(), {
    playhead: stage.playhead,
    rangeIn: stage.range.from,
    rangeOut: stage.range.to,
  });
  const edges = [flicks(0), flicks(length)];
  const { by } = snapShift(points, edges, free, toSpan(viewport, SNAP_PIXELS));
  return { at: flicks(Math.max(0, by)), track };
}

function showLanding(
  canvas: TimelineCanvas | null,
  where: Landing,
  assets: readonly DraggedAsset[],
): void {
  if (!canvas) return;
  const { view, rows, viewport } = canvas;
  const first = assets[0];
  const [track = where.track] = first ? tracksFor(view, first, where.track) : [];
  const length = first
    ? assets.reduce((sum, asset) => sum + lengthOf(asset), 0)
    : lengthOf({ duration: null });
  const dropBox = track ? rowBox(rows, viewport, track, where.at, where.at + length) : null;
  canvas.showTransient({ dropBox, snapLine: where.at });
}
