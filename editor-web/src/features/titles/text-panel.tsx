/** Titles to put on the timeline, shown in the style they bring. */
import { Blend, Plus } from "lucide-react";
import { useCanWrite } from "@/collab/hooks";
import { TRANSITION_DRAG_TYPE, useAssetDrag } from "@/lib/asset-drag";
import { say } from "@/lib/messages/screens";
import { sayTitles } from "@/lib/messages/titles";
import { TITLE_PRESETS, type TitlePreset } from "./presets";

type TextPanelProps = {
  readonly onAdd: (preset: TitlePreset) => void;
  readonly onTransition: (kind: string) => void;
};

export const TextPanel = ({ onAdd, onTransition }: TextPanelProps) => {
  const canEdit = useCanWrite();
  return (
    <section aria-label={say.text.tab} className="min-h-0 flex-1 overflow-y-auto p-2">
      <p className="px-1 pb-2 text-dense text-dim">{say.text.intro}</p>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(112px,1fr))] gap-2">
        {TITLE_PRESETS.map((preset) => (
          <li key={preset.id}>
            <button
              type="button"
              disabled={!canEdit}
              aria-label={say.text.add(say.text.presets[preset.id])}
              onClick={() => onAdd(preset)}
              className="group w-full cursor-default rounded-control text-start hover:bg-hover/70 disabled:opacity-50"
            >
              <Sample preset={preset} />
              <span className="flex items-center justify-between px-1 pt-1 pb-1.5 text-dense text-text">
                {say.text.presets[preset.id]}
                <Plus size={14} aria-hidden="true" className="text-faint group-hover:text-accent" />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Transitions canEdit={canEdit} onAdd={onTransition} />
    </section>
  );
};

/** Only what preview and export draw alike is offered. */
const KINDS = ["dissolve", "dip"] as const;

type TransitionsProps = {
  readonly canEdit: boolean;
  readonly onAdd: (kind: string) => void;
};

/** Dragged onto a cut; pressed, they go to the cut that is nearest to the playhead. */
const Transitions = ({ canEdit, onAdd }: TransitionsProps) => {
  const { beginTransition, end } = useAssetDrag.getState();
  return (
    <>
      <h3 className="px-1 pt-4 pb-1 font-semibold text-dense">{sayTitles.transitions}</h3>
      <p className="px-1 pb-2 text-dense text-dim">{sayTitles.transitionsHint}</p>
      <ul className="grid grid-cols-2 gap-2">
        {KINDS.map((kind) => (
          <li key={kind}>
            <button
              type="button"
              draggable={canEdit}
              disabled={!canEdit}
              aria-label={sayTitles.addTransition(sayTitles.kinds[kind])}
              onClick={() => onAdd(kind)}
              onDragStart={(event) => {
                event.dataTransfer.setData(TRANSITION_DRAG_TYPE, kind);
                event.dataTransfer.effectAllowed = "copy";
                beginTransition({ kind });
              }}
              onDragEnd={end}
              className="flex h-9 w-full cursor-default items-center gap-2 rounded-control border border-divider bg-raised px-2 text-dense text-text hover:bg-hover disabled:opacity-50"
            >
              <Blend size={14} aria-hidden="true" className="text-faint" />
              {sayTitles.kinds[kind]}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
};

const Sample = ({ preset }: { readonly preset: TitlePreset }) => {
  const { values } = preset;
  const size = typeof values["font_size"] === "number" ? values["font_size"] : 0.08;
  const down = typeof values["y"] === "number" ? values["y"] : 0;
  const boxed = typeof values["color_bg"] === "string";
  return (
    <span className="relative block aspect-video overflow-hidden rounded-control bg-canvas">
      <span
        aria-hidden="true"
        className="absolute inset-x-1 -translate-y-1/2 truncate whitespace-pre text-text"
        style={{
          top: `${50 + down * 90}%`,
          fontSize: `${Math.max(9, size * 130)}px`,
          lineHeight: 1.15,
          fontWeight: Number(values["font_weight"] ?? 400),
          fontStyle: values["italic"] === true ? "italic" : "normal",
          textAlign: values["align"] === "left" ? "left" : "center",
        }}
      >
        <span className={boxed ? "rounded-[2px] bg-hover px-1" : ""}>
          {say.text.sample[preset.id].split("\n")[0]}
        </span>
      </span>
    </span>
  );
};
