/** The text of titles and captions, and how it looks. */
import { useEffect, useId, useRef, useState } from "react";
import { usePeers, useSession } from "@/collab/hooks";
import { TextArea } from "@/components/ui/field";
import { sayInspector } from "@/lib/messages/inspector";
import { NumberRow } from "./number-row";
import { ChoiceRow, ColorRow, Group, Row, SwitchRow, useProperty, useSubject } from "./rows";

const words = sayInspector;
const COMMIT_AFTER_MS = 400; // a pause in typing is a gesture's end
const HEIGHTS = { scale: 100, min: 0, max: 10, step: 0.5, digits: 1, unit: " %" } as const;

/** Captions have their words in cues; the clip only says how they look. */
export const TextStyle = ({ captions }: { readonly captions: boolean }) => (
  <>
    {!captions && (
      <Group title={words.text}>
        <TextBody />
      </Group>
    )}
    <Group title={words.style}>
      <NumberRow label={words.fontSize} name="font_size" usual={0.08} {...HEIGHTS} />
      <WeightRow />
      <SwitchRow label={words.italic} name="italic" usual={false} />
      <ChoiceRow label={words.align} name="align" usual="center" choices={words.aligns} />
      <ChoiceRow
        label={words.valign}
        name="valign"
        usual={captions ? "bottom" : "middle"}
        choices={words.valigns}
      />
      <NumberRow
        label={words.lineHeight}
        name="line_height"
        usual={1.2}
        min={0.5}
        max={5}
        step={0.05}
      />
      <NumberRow
        label={words.boxWidth}
        name="box_width"
        usual={0.9}
        {...HEIGHTS}
        max={2}
        step={1}
      />
      <ColorRow label={words.color} name="color_fg" usual="#ffffff" />
      <ColorRow label={words.background} name="color_bg" usual="#00000000" />
      <NumberRow label={words.padding} name="padding" usual={0} {...HEIGHTS} />
      <NumberRow label={words.outline} name="outline_width" usual={0} {...HEIGHTS} step={0.1} />
      <ColorRow label={words.outlineColor} name="outline_color" usual="#000000" />
    </Group>
  </>
);

const WeightRow = () => {
  const { value, canEdit, write } = useProperty<number>("font_weight", 400);
  const id = useId();
  return (
    <Row label={words.fontWeight} id={id}>
      <select
        id={id}
        disabled={!canEdit}
        value={value}
        onChange={(event) => write(Number(event.target.value))}
        className="h-7 w-full rounded-control border border-control-edge/50 bg-field px-1.5 text-body"
      >
        {Object.entries(words.weights).map(([weight, name]) => (
          <option key={weight} value={weight}>
            {name}
          </option>
        ))}
      </select>
    </Row>
  );
};

/** Written after a pause; meanwhile others see who types, and cannot type into the same text. */
const TextBody = () => {
  const { ids } = useSubject();
  const { value, mixed, canEdit, write } = useProperty<string>("text", "");
  const { presence } = useSession();
  const peers = usePeers();
  const [typed, setTyped] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const other = peers.find(
    (peer) => peer.editing && ids.includes(peer.editing.id) && peer.editing.field === "text",
  );
  const [only] = ids;
  const commit = (text: string | null) => {
    clearTimeout(timer.current);
    if (text !== null && text !== value) write(text);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <>
      <TextArea
        aria-label={words.textLabel}
        rows={3}
        maxLength={10_000}
        disabled={!canEdit || mixed}
        readOnly={other !== undefined}
        placeholder={mixed ? words.mixed : ""}
        value={typed ?? value}
        onFocus={() => {
          setTyped(value);
          if (only) presence.set({ editing: { id: only, field: "text" } });
        }}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => commit(text), COMMIT_AFTER_MS);
        }}
        onBlur={() => {
          commit(typed);
          setTyped(null);
          presence.set({ editing: null });
        }}
        onKeyDown={(event) => {
          const ends =
            event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
          if (ends) event.currentTarget.blur();
        }}
      />
      {other && <p className="text-dense text-warn">{words.editing(other.user.name)}</p>}
    </>
  );
};
