/** The colours of the canvas, read once from the same tokens that style everything else. */
import type { ClipTone } from "../model/view-model";

export type Theme = {
  readonly canvas: string;
  readonly panel: string;
  readonly raised: string;
  readonly hover: string;
  readonly divider: string;
  readonly text: string;
  readonly dim: string;
  readonly faint: string;
  readonly accent: string;
  readonly warn: string;
  readonly bad: string;
  readonly ok: string;
  readonly body: Readonly<Record<ClipTone, string>>;
  readonly edge: Readonly<Record<ClipTone, string>>;
  readonly font: string;
};

const TONES: Readonly<Record<ClipTone, string>> = {
  video: "video",
  audio: "audio",
  title: "title",
  caption: "caption",
  adjustment: "adjustment",
  sequence: "sequence",
  missing: "missing",
  unknown: "adjustment",
};

export function readTheme(element: HTMLElement): Theme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--color-${name}`).trim();
  const tones = (suffix: "" | "-edge"): Record<ClipTone, string> =>
    Object.fromEntries(
      Object.entries(TONES).map(([tone, name]) => [tone, token(`clip-${name}${suffix}`)]),
    ) as Record<ClipTone, string>;
  return {
    canvas: token("canvas"),
    panel: token("panel"),
    raised: token("raised"),
    hover: token("hover"),
    divider: token("divider"),
    text: token("text"),
    dim: token("dim"),
    faint: token("faint"),
    accent: token("accent"),
    warn: token("warn"),
    bad: token("bad"),
    ok: token("ok"),
    body: tones(""),
    edge: tones("-edge"),
    font: style.fontFamily || "system-ui, sans-serif",
  };
}
