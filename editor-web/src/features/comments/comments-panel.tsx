/** The panel of comments: open threads by time, and the one being written on top. */
import { MessageSquare, Pencil, Plus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Select } from "@/components/ui/field";
import { Empty } from "@/components/ui/states";
import type { Thread } from "@/lib/api/types";
import { firstKey } from "@/lib/keys/choice";
import { useRegistry } from "@/lib/keys/use-commands";
import { sayComments } from "@/lib/messages/comments";
import { useStage } from "@/lib/stage";
import { type Flicks, flicks, type Rate, timecode } from "@/timeline-core/time";
import { useCommentsUi } from "./comments-ui";
import { Composer } from "./composer";
import { anchorOf, type PinClip, placeOf } from "./place";
import { ThreadCard } from "./thread-card";
import { usePeopleOf, useThreadActions, useThreads } from "./use-threads";

export type CommentsScene = {
  readonly sequence: string;
  readonly main: string;
  readonly rate: Rate;
  readonly startTc: Flicks;
  readonly clip: (id: string) => (PinClip & { readonly label: string }) | null;
};

type CommentsPanelProps = {
  readonly project: string;
  readonly me: string;
  readonly scene: CommentsScene;
  readonly mayComment: boolean;
  readonly mayEdit: boolean;
};

export const CommentsPanel = (props: CommentsPanelProps) => {
  const { project, me, scene, mayComment, mayEdit } = props;
  const { query, threads } = useThreads(project);
  const people = usePeopleOf(project).data ?? [];
  const { shown, writing, show } = useCommentsUi();
  const [all, setAll] = useState(false);
  const registry = useRegistry();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (shown === null) return;
    list.current?.querySelector(`[data-thread="${shown}"]`)?.scrollIntoView({ block: "nearest" });
  }, [shown]);
  if (query.isLoadingError) {
    return (
      <FailedCall
        error={query.error}
        title={sayComments.failed}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const open = threads.filter((thread) => thread.resolved_at === null);
  const listed = inTime(all ? threads : threads.filter((one) => isOpen(one, shown)), scene);
  const code = (at: Flicks | null) =>
    at === null ? null : timecode(at, scene.rate, { startTc: scene.startTc });
  const openThread = (thread: Thread, at: Flicks | null) => {
    const stage = useStage.getState();
    stage.pause();
    if (at !== null) stage.seek(at);
    show(shown === thread.id ? null : thread.id);
  };
  return (
    <section
      aria-label={sayComments.title}
      className="flex min-h-0 flex-1 flex-col gap-2 overflow-y-auto p-2"
    >
      <div className="flex shrink-0 items-center gap-2">
        <span className="flex-1">
          <Select
            aria-label={sayComments.filter}
            value={all ? "all" : "open"}
            onChange={(event) => setAll(event.target.value === "all")}
          >
            <option value="open">{sayComments.open(open.length)}</option>
            <option value="all">{sayComments.all(threads.length)}</option>
          </Select>
        </span>
        {mayComment && (
          <Button icon={Plus} onClick={() => registry.run("comment.add")}>
            {sayComments.new}
          </Button>
        )}
      </div>
      {writing && <NewComment {...props} key={writing.at} place={writing} />}
      {listed.length === 0 && !writing && query.isSuccess && (
        <Empty
          icon={MessageSquare}
          title={threads.length === 0 ? sayComments.empty : sayComments.noneOpen}
        >
          {mayComment
            ? sayComments.emptyHint(firstKey("comment.add") ?? sayComments.new)
            : sayComments.viewOnly}
        </Empty>
      )}
      <ul ref={list} aria-label={sayComments.title} className="flex flex-col gap-2">
        {listed.map(({ thread, at }) => (
          <ThreadCard
            key={thread.id}
            {...{ project, thread, me, people, mayComment, mayEdit }}
            code={code(at)}
            open={shown === thread.id}
            onOpen={() => openThread(thread, at)}
          />
        ))}
      </ul>
    </section>
  );
};

const isOpen = (thread: Thread, shown: string | null): boolean =>
  thread.resolved_at === null || thread.id === shown;

/** By their place on the open sequence; those elsewhere come last. */
function inTime(threads: readonly Thread[], scene: CommentsScene) {
  const placed = threads.map((thread) => ({
    thread,
    at: placeOf(thread, scene, scene.clip)?.at ?? null,
  }));
  const rank = (at: Flicks | null): number => at ?? Number.POSITIVE_INFINITY;
  return placed.sort((one, other) =>
    rank(one.at) === rank(other.at) ? 0 : rank(one.at) - rank(other.at),
  );
}

type NewCommentProps = CommentsPanelProps & {
  readonly place: { readonly at: Flicks; readonly duration: Flicks; readonly resume: boolean };
};

const NewComment = ({ project, scene, place }: NewCommentProps) => {
  const { start } = useThreadActions(project);
  const people = usePeopleOf(project).data ?? [];
  const { stopWriting, show, drawing, setDrawing, strokes, setStrokes } = useCommentsUi();
  const [selected] = useStage((stage) => stage.selection);
  const clip = selected === undefined ? null : scene.clip(selected);
  const within = clip && place.at >= clip.start && place.at < clip.start + clip.duration;
  const [pinned, setPinned] = useState(false);
  const code = (at: number) => timecode(flicks(at), scene.rate, { startTc: scene.startTc });
  const end = () => {
    stopWriting();
    if (place.resume) useStage.getState().play();
  };
  return (
    <div className="shrink-0 rounded-panel border border-accent/60 bg-raised p-2">
      <p className="pb-1 text-accent text-dense tabular-nums">
        {place.duration > 0
          ? sayComments.range(code(place.at), code(place.at + place.duration))
          : sayComments.at(code(place.at))}
      </p>
      <Composer
        label={sayComments.text}
        people={people}
        sendLabel={sayComments.send}
        busy={start.isPending}
        onCancel={end}
        onSend={(said) =>
          start.mutate(
            {
              ...said,
              ...anchorOf(place, scene.sequence, pinned && within ? clip : null),
              drawing: [...strokes],
            },
            {
              onSuccess: (thread) => {
                end();
                if (!place.resume) show(thread.id);
              },
            },
          )
        }
      >
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-dense text-dim">
          {clip && within && (
            <label className="flex min-h-6 min-w-0 items-center gap-1.5">
              <input
                type="checkbox"
                checked={pinned}
                onChange={(event) => setPinned(event.target.checked)}
              />
              <span className="truncate">{sayComments.onClip(clip.label)}</span>
            </label>
          )}
          <Button small look="ghost" icon={Pencil} onClick={() => setDrawing(!drawing)}>
            {drawing ? sayComments.stopDrawing : sayComments.draw}
          </Button>
          {strokes.length > 0 && (
            <Button small look="ghost" onClick={() => setStrokes([])}>
              {sayComments.clearDrawing}
            </Button>
          )}
        </div>
      </Composer>
    </div>
  );
};
