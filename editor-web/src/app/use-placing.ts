/** Media and titles onto the timeline, from the list, the source monitor, a file, a key. */
import { useEdit } from "@/collab/use-edit";
import { draggedOf, type Placing } from "@/features/media/placing";
import type { Part } from "@/features/media/source-monitor";
import type { TimelineView } from "@/features/timeline/model/view-model";
import type { TitlePreset } from "@/features/titles/presets";
import type { Asset } from "@/lib/api/types";
import { type DraggedAsset, lengthOf } from "@/lib/asset-drag";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import { TICKS } from "@/timeline-core/time";
import { useFilesLanding } from "./use-files-landing";

const TITLE_SECONDS = 4;

const fetchEdits = () => import("@/features/timeline/edit-commands");
const fetchPresets = () => import("@/features/titles/presets");

export function usePlacing(workspace: string, view: TimelineView) {
  const editing = useEdit();
  const put = async (
    assets: readonly (DraggedAsset & { readonly sourceIn?: Part["from"] })[],
    where: { readonly place: Placing; readonly at: Part["from"]; readonly track: string | null },
    length?: number,
  ): Promise<void> => {
    if (assets.length === 0) return;
    const { placeCommands } = await fetchEdits();
    const lengths = new Map(assets.map((asset) => [asset.id, length ?? lengthOf(asset)]));
    await editing.run(placeCommands(view, assets, where, (id) => lengths.get(id) ?? 0));
  };
  const here = (place: Placing) => ({ place, at: useStage.getState().playhead, track: null });
  const place = (assets: readonly Asset[], how: Placing): void =>
    void put(draggedOf(assets), here(how));
  const placePart = (asset: Asset, how: Placing, part: Part): void =>
    void put(
      draggedOf([asset]).map((dragged) => ({ ...dragged, sourceIn: part.from })),
      here(how),
      part.to - part.from,
    );
  const files = useFilesLanding(workspace, (landed, where) =>
    put(draggedOf(landed), { place: "overwrite", ...where }),
  );
  /** Null: the usual look. */
  const addTitle = async (look: TitlePreset | null): Promise<void> => {
    const [{ titleCommands }, { TITLE_PRESETS }] = await Promise.all([
      fetchEdits(),
      fetchPresets(),
    ]);
    const preset = look ?? TITLE_PRESETS[0];
    if (!preset) return;
    const { playhead, select } = useStage.getState();
    const title = {
      text: say.text.sample[preset.id],
      duration: TITLE_SECONDS * TICKS,
      values: preset.values,
    };
    const created = await editing.run(titleCommands(view, playhead, title));
    const clip = created?.["clip"];
    if (clip) select([clip]);
  };
  const addTransition = async (kind: string): Promise<void> => {
    const { nearestCut, transitionCommands } = await fetchEdits();
    const { selection, linked, playhead } = useStage.getState();
    const cut = nearestCut({ view, selection, linked, playhead });
    if (cut) await editing.run(transitionCommands(view, cut, kind));
    else toast(say.timeline.noCutNear);
  };
  return { place, placePart, addTitle, addTransition, files };
}
