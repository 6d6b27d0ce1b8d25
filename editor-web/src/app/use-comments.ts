/** Comments where several features meet: pins on the ruler, Alt+C, what the server tells of them. */
import { useMemo } from "react";
import { useReadable, useSession } from "@/collab/hooks";
import type { CommentsScene } from "@/features/comments/comments-panel";
import { useCommentsUi } from "@/features/comments/comments-ui";
import { momentOf, placeOf } from "@/features/comments/place";
import { useThreads } from "@/features/comments/use-threads";
import { findClip, type PinView, type TimelineView } from "@/features/timeline/model/view-model";
import { useCommands } from "@/lib/keys/use-commands";
import { useStage } from "@/lib/stage";

/** Whether this person may write comments. */
export const useMayComment = (): boolean => useReadable(useSession().role) !== "viewer";

export function useCommentsScene(view: TimelineView): CommentsScene {
  return useMemo(
    () => ({
      sequence: view.sequence,
      main: view.sequences.find((sequence) => sequence.main)?.id ?? view.sequence,
      rate: view.rate,
      startTc: view.startTc,
      clip: (id) => findClip(view, id),
    }),
    [view],
  );
}

/** The pins of open threads, and what a press on one does. */
export function useComments(project: string, view: TimelineView) {
  const { threads } = useThreads(project);
  const scene = useCommentsScene(view);
  const shown = useCommentsUi((ui) => ui.shown);
  const mayComment = useMayComment();
  const pins = useMemo(
    (): readonly PinView[] =>
      threads.flatMap((thread) => {
        if (thread.resolved_at !== null && thread.id !== shown) return [];
        const place = placeOf(thread, scene, scene.clip);
        return place ? [{ id: thread.id, ...place, shown: thread.id === shown }] : [];
      }),
    [threads, scene, shown],
  );
  const open = (id: string): void => {
    const pin = pins.find((one) => one.id === id);
    const stage = useStage.getState();
    stage.pause();
    if (pin) stage.seek(pin.at);
    stage.set({ tab: "comments" });
    useCommentsUi.getState().show(id);
  };
  useCommands({
    "view.comments": () => useStage.getState().set({ tab: "comments" }),
    ...(mayComment && {
      "comment.add": () => {
        const { playhead, range, playing, pause, set } = useStage.getState();
        pause();
        set({ tab: "comments" });
        useCommentsUi.getState().write(momentOf(playhead, range), playing);
      },
    }),
  });
  return { pins, open };
}
