/** One thread: what was said, by whom, where; answered, resolved, changed. */
import { Check, Ellipsis, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { Menu, type MenuItem } from "@/components/ui/menu";
import type { Thread, ThreadComment, ThreadPerson } from "@/lib/api/types";
import { sayComments } from "@/lib/messages/comments";
import { say } from "@/lib/messages/screens";
import { Composer } from "./composer";
import { useThreadActions } from "./use-threads";

type ThreadCardProps = {
  readonly project: string;
  readonly thread: Thread;
  /** Where it stands, as a timecode; null where its place is not on this sequence. */
  readonly code: string | null;
  readonly me: string;
  readonly people: readonly ThreadPerson[];
  readonly open: boolean;
  readonly mayComment: boolean;
  readonly mayEdit: boolean;
  readonly onOpen: () => void;
};

export const ThreadCard = (props: ThreadCardProps) => {
  const { project, thread, code, people, open, mayComment, onOpen } = props;
  const { reply, resolve } = useThreadActions(project);
  const [answering, setAnswering] = useState(false);
  const [first, ...answers] = thread.comments;
  if (!first) return null;
  const resolved = thread.resolved_at !== null;
  return (
    <li
      data-thread={thread.id}
      aria-label={sayComments.thread(first.author.name, code ?? "")}
      className={classNames(
        "rounded-panel border p-2",
        open ? "border-accent/60 bg-raised" : "border-divider bg-raised/50",
        resolved && !open && "opacity-70",
      )}
    >
      <div className="flex items-center gap-1">
        <button
          type="button"
          aria-expanded={open}
          aria-label={sayComments.goTo(code ?? first.author.name)}
          onClick={onOpen}
          className="min-h-6 rounded-control text-accent text-dense tabular-nums hover:underline"
        >
          {code ?? "–"}
        </button>
        <span className="flex-1" />
        {mayComment && (
          <IconButton
            label={resolved ? sayComments.reopen : sayComments.resolve}
            icon={resolved ? RotateCcw : Check}
            iconSize={14}
            className="size-6"
            onClick={() => resolve.mutate({ thread: thread.id, resolved: !resolved })}
          />
        )}
      </div>
      <Said {...props} comment={first} />
      {!open && answers.length > 0 && (
        <p className="text-dense text-faint">{sayComments.answers(answers.length)}</p>
      )}
      {open && answers.map((one) => <Said key={one.id} {...props} comment={one} />)}
      {resolved && (
        <p className="pt-1 text-dense text-ok">
          {sayComments.resolvedBy(thread.resolved_by ?? "")}
        </p>
      )}
      {open && mayComment && !answering && (
        <Button small look="ghost" className="mt-1" onClick={() => setAnswering(true)}>
          {sayComments.reply}
        </Button>
      )}
      {open && answering && (
        <Composer
          label={sayComments.replyTo(first.author.name)}
          people={people}
          sendLabel={sayComments.reply}
          busy={reply.isPending}
          onCancel={() => setAnswering(false)}
          onSend={(said) =>
            reply.mutate({ thread: thread.id, ...said }, { onSuccess: () => setAnswering(false) })
          }
        />
      )}
    </li>
  );
};

type SaidProps = ThreadCardProps & { readonly comment: ThreadComment };

const Said = ({ project, thread, comment, me, people, mayEdit, mayComment }: SaidProps) => {
  const { change, remove } = useThreadActions(project);
  const [editing, setEditing] = useState(false);
  const { author, text } = comment;
  const isMine = author.id === me;
  const items: MenuItem[] = [];
  if (isMine) {
    items.push({
      kind: "item",
      id: "edit",
      label: sayComments.edit,
      onSelect: () => setEditing(true),
    });
  }
  items.push({
    kind: "item",
    id: "remove",
    label: sayComments.remove,
    danger: true,
    onSelect: () => remove.mutate({ thread: thread.id, comment: comment.id }),
  });
  return (
    <article className="py-1">
      <header className="flex items-center gap-1.5 text-dense">
        <strong className="truncate font-semibold text-text">{author.name}</strong>
        <span className="shrink-0 text-faint">
          {say.common.ago(comment.created_at, Date.now())}
          {comment.edited_at !== null && ` · ${sayComments.edited}`}
        </span>
        <span className="flex-1" />
        {mayComment && (isMine || mayEdit) && (
          <Menu label={sayComments.menu(author.name)} items={items} align="end">
            <button
              type="button"
              aria-label={sayComments.menu(author.name)}
              className="grid size-6 place-items-center rounded-control text-faint hover:bg-hover hover:text-text"
            >
              <Ellipsis size={14} aria-hidden="true" />
            </button>
          </Menu>
        )}
      </header>
      {editing ? (
        <Composer
          label={sayComments.edit}
          people={people}
          initial={text}
          sendLabel={sayComments.save}
          busy={change.isPending}
          onCancel={() => setEditing(false)}
          onSend={(said) =>
            change.mutate(
              { thread: thread.id, comment: comment.id, ...said },
              { onSuccess: () => setEditing(false) },
            )
          }
        />
      ) : (
        <p dir="auto" className="whitespace-pre-wrap break-words text-text">
          {text}
        </p>
      )}
    </article>
  );
};
