/** What others did that should not pass unseen: scenes that landed, clips taken from under a hand. */
import { useEffect } from "react";
import { useSession } from "@/collab/hooks";
import { type Editing, useEdit } from "@/collab/use-edit";
import { useAnnouncer } from "@/lib/messages/announce";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import type { DocRecord } from "@/timeline-core/model";
import { flicks, timecode } from "@/timeline-core/time";
import type { TimelineView } from "./model/view-model";

const isLive = (record: DocRecord | undefined): boolean =>
  record !== undefined && record["removed"] !== true;

export function useRemoteNews(view: TimelineView): void {
  const { document, loaded } = useSession();
  const editing = useEdit();
  const { rate, startTc } = view;
  useEffect(() => {
    let before = document.snapshot();
    return document.subscribe((touched) => {
      const was = before;
      before = document.snapshot();
      if (touched.local || !loaded.get()) return;
      const ids = [...touched.ids.clips];
      const gone = ids.filter((id) => isLive(was.clips.get(id)) && !isLive(before.clips.get(id)));
      tellRemoved(
        gone.filter((id) => useStage.getState().selection.includes(id)),
        was.clips,
        editing,
      );
      const come = ids.filter((id) => !was.clips.has(id) && isLive(before.clips.get(id)));
      const scenes = come.filter((id) => {
        const { run, role } = before.clips.get(id) as { run?: unknown; role?: unknown };
        return typeof run === "string" && run !== "" && (role ?? "picture") === "picture";
      });
      const starts = scenes.map((id) => Number(before.clips.get(id)?.["start"] ?? 0));
      if (scenes.length === 0) return;
      const at = flicks(Math.min(...starts));
      const text = say.timeline.landed(scenes.length, timecode(at, rate, { startTc }));
      useAnnouncer.getState().tell(text);
      toast(text, {
        action: { label: say.timeline.showLanded, onClick: () => useStage.getState().seek(at) },
      });
    });
  }, [document, loaded, editing, rate, startTc]);
}

function tellRemoved(
  ids: readonly string[],
  clips: ReadonlyMap<string, DocRecord>,
  editing: Editing,
): void {
  const [first] = ids;
  if (first === undefined) return;
  const name = clips.get(first)?.["name"];
  const text = say.timeline.removedUnderYou(
    typeof name === "string" && name !== "" ? name : say.timeline.someClip,
  );
  const undo = (): void => {
    const values = { removed: false };
    void editing.run(ids.map((id) => ({ op: "set", map: "clips", id, values })));
  };
  toast.warning(text, { action: { label: say.command["edit.undo"], onClick: undo } });
  const { selection, select } = useStage.getState();
  select(selection.filter((id) => !ids.includes(id)));
}
