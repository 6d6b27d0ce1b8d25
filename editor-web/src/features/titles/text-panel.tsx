/** Titles to put on the timeline, shown in the style they bring. */
import { Plus } from "lucide-react";
import { useCanWrite } from "@/collab/hooks";
import { say } from "@/lib/messages/screens";
import type { JsonObject } from "@/timeline-core/model";

export type TitlePreset = {
  readonly id: keyof typeof say.text.presets;
  readonly values: JsonObject;
};

/** Sizes are in canvas heights, places in canvas widths and heights from the middle. */
export const TITLE_PRESETS: readonly TitlePreset[] = [
  { id: "title", values: { font_size: 0.12, font_weight: 700 } },
  { id: "subtitle", values: { font_size: 0.06, font_weight: 400, y: 0.12 } },
  {
    id: "lowerThird",
    values: {
      font_size: 0.05,
      font_weight: 600,
      align: "left",
      x: -0.2,
      y: 0.34,
      box_width: 0.5,
      padding: 0.02,
      color_bg: "#0b0c0ecc",
    },
  },
  {
    id: "caption",
    values: { font_size: 0.05, y: 0.38, padding: 0.015, color_bg: "#000000b3" },
  },
  { id: "quote", values: { font_size: 0.07, font_weight: 500, italic: true, box_width: 0.7 } },
];

type TextPanelProps = { readonly onAdd: (preset: TitlePreset) => void };

export const TextPanel = ({ onAdd }: TextPanelProps) => {
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
    </section>
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
