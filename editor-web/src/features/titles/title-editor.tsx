/** The words of a title, typed where they stand on the picture. */
import { useEffect, useRef, useState } from "react";
import { usePeers, useSession } from "@/collab/hooks";
import { useEdit } from "@/collab/use-edit";
import { sayTitles } from "@/lib/messages/titles";
import type { DocRecord } from "@/timeline-core/model";

type TitleEditorProps = {
  readonly id: string;
  readonly record: DocRecord;
  /** Left, top, width and height of the text's box, as shares of the picture. */
  readonly box: readonly [number, number, number, number];
  /** Height of a line of text as a share of the picture's height. */
  readonly size: number;
  readonly onClose: () => void;
};

export const TitleEditor = ({ id, record, box, size, onClose }: TitleEditorProps) => {
  const editing = useEdit();
  const { presence } = useSession();
  const other = usePeers().find((peer) => peer.editing?.id === id);
  const stored = typeof record["text"] === "string" ? record["text"] : "";
  const [typed, setTyped] = useState(stored);
  const field = useRef<HTMLTextAreaElement>(null);
  const left = useRef(false);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
    presence.set({ editing: { id, field: "text" } });
    return () => presence.set({ editing: null });
  }, [presence, id]);
  const close = (keep: boolean) => {
    if (left.current) return;
    left.current = true;
    if (keep && typed !== stored) {
      void editing.run([{ op: "set", map: "clips", id, values: { text: typed } }]);
    }
    onClose();
  };
  const align = typeof record["align"] === "string" ? record["align"] : "center";
  const [x, y, width, height] = box.map((share) => `${share * 100}%`);
  return (
    <textarea
      ref={field}
      dir="auto"
      aria-label={sayTitles.words}
      maxLength={10_000}
      readOnly={other !== undefined}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => close(true)}
      onKeyDown={(event) => {
        if (event.key === "Escape") close(false);
        else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) close(true);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
      style={{
        left: x,
        top: y,
        width,
        minHeight: height,
        fontSize: `${size * 100}cqh`,
        fontWeight: Number(record["font_weight"] ?? 400),
        fontStyle: record["italic"] === true ? "italic" : "normal",
        textAlign: align as "left" | "center" | "right",
      }}
      className="absolute field-sizing-content resize-none rounded-control border border-accent bg-canvas/80 p-0 text-text leading-tight outline-none"
    />
  );
};
