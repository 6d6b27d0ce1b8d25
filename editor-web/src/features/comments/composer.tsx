/** Where a comment is written: Ctrl+Enter sends, Esc leaves, @ offers people. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextArea } from "@/components/ui/field";
import type { Reply, ThreadPerson } from "@/lib/api/types";
import { sayComments } from "@/lib/messages/comments";
import { mentionAt, mentioned } from "./place";

const TEXT_MAX = 5_000;
const OFFERED_MAX = 6;

type ComposerProps = {
  readonly label: string;
  readonly people: readonly ThreadPerson[];
  readonly initial?: string;
  readonly sendLabel: string;
  readonly busy: boolean;
  readonly onSend: (reply: Reply) => void;
  readonly onCancel: () => void;
  /** More to choose, between the field and its buttons. */
  readonly children?: ReactNode;
};

export const Composer = (props: ComposerProps) => {
  const { label, people, initial = "", sendLabel, busy, onSend, onCancel, children } = props;
  const [text, setText] = useState(initial);
  const [caret, setCaret] = useState(initial.length);
  const [chosen, setChosen] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  useEffect(() => field.current?.focus(), []);
  const asked = mentionAt(text, caret);
  const sought = asked?.sought.toLocaleLowerCase() ?? "";
  const offered = asked
    ? people.filter(({ name }) => name.toLocaleLowerCase().startsWith(sought)).slice(0, OFFERED_MAX)
    : [];
  const at = Math.min(chosen, offered.length - 1);
  const take = (person: ThreadPerson) => {
    if (!asked) return;
    const next = `${text.slice(0, asked.from)}@${person.name} ${text.slice(caret)}`;
    setText(next);
    setCaret(asked.from + person.name.length + 2);
    field.current?.focus();
  };
  const send = () => {
    const words = text.trim();
    if (words !== "" && !busy) onSend({ text: words, mentions: mentioned(words, people) });
  };
  const press = (event: KeyboardEvent) => {
    const person = offered[at];
    if (event.key === "Escape") {
      event.preventDefault();
      onCancel();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    } else if (person && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      take(person);
    } else if (person && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      setChosen((at + by + offered.length) % offered.length);
    }
  };
  return (
    <div className="relative flex flex-col gap-1.5">
      <TextArea
        ref={field}
        rows={3}
        aria-label={label}
        placeholder={sayComments.placeholder}
        maxLength={TEXT_MAX}
        value={text}
        role="combobox"
        aria-expanded={offered.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={offered[at] ? `${list}-${offered[at].id}` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setCaret(event.target.selectionStart);
          setChosen(0);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={press}
      />
      <div
        id={list}
        role="listbox"
        aria-label={sayComments.people}
        hidden={offered.length === 0}
        className="absolute inset-x-0 top-full z-10 -mt-8 rounded-panel border border-divider bg-raised p-1 shadow-canvas/70 shadow-xl"
      >
        {offered.map((person, index) => (
          <div
            key={person.id}
            id={`${list}-${person.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerDown={(event) => {
              event.preventDefault();
              take(person);
            }}
            className="flex h-7 cursor-default items-center rounded-control px-2 aria-selected:bg-hover"
          >
            {person.name}
          </div>
        ))}
      </div>
      {children}
      <div className="flex items-center justify-end gap-1">
        <Button small look="ghost" onClick={onCancel}>
          {sayComments.cancel}
        </Button>
        <Button small look="primary" disabled={text.trim() === "" || busy} onClick={send}>
          {sendLabel}
        </Button>
      </div>
    </div>
  );
};
