/** What the track headers do. */
import { useMemo } from "react";
import { useEdit } from "@/collab/use-edit";
import type { TimelineView } from "./model/view-model";
import { useTimelineUi } from "./timeline-ui";
import type { TrackActions } from "./track-headers";

export function useTrackActions(view: TimelineView): TrackActions {
  const editing = useEdit();
  const setHeight = useTimelineUi((ui) => ui.setHeight);
  return useMemo(
    () => ({
      onSwitch: (id, key, value) =>
        void editing.run([{ op: "set", map: "tracks", id, values: { [key]: value } }]),
      onRename: (id, name) =>
        void editing.run([{ op: "set", map: "tracks", id, values: { name } }]),
      onHeight: setHeight,
      onAdd: (kind) => void editing.run([{ op: "add_track", kind, sequence: view.sequence }]),
      onReorder: async (track, rows) => {
        const { reorderCommands } = await import("./clip-commands");
        await editing.run(reorderCommands(view, track, rows));
      },
      onRemove: (track) => void editing.run([{ op: "remove_track", track }]),
    }),
    [editing, setHeight, view],
  );
}
