/** What somebody has chosen in the export dialog, and what of it makes sense: pure. */
import type {
  CaptionMode,
  ExportRequest,
  Fit,
  LoudnessTarget,
  Preset,
  PresetUse,
} from "@/lib/api/types";

export interface FilmChoice {
  readonly preset: string | null;
  readonly part: "whole" | "range";
  readonly captions: CaptionMode;
  readonly fit: Fit;
  readonly loudness: LoudnessTarget;
  readonly poster: boolean;
}

/** Where the film and the viewer stand, in ticks. */
export interface FilmPlaces {
  readonly duration: number;
  readonly playhead: number;
  readonly from: number;
  readonly to: number;
  readonly ranged: boolean;
}

export const USES: readonly PresetUse[] = ["watch", "social", "edit", "sound", "picture"];
export const LOUDNESSES: readonly LoudnessTarget[] = ["timeline", "off", -14, -16, -23];

export const groupedByUse = (
  presets: readonly Preset[],
): readonly { readonly use: PresetUse; readonly presets: readonly Preset[] }[] =>
  USES.map((use) => ({ use, presets: presets.filter((preset) => preset.use === use) })).filter(
    (group) => group.presets.length > 0,
  );

/** Frames a second as people say them: 29.97, 25, 12.5. */
export const framesPerSecond = (num: number, den: number): string =>
  String(Number((num / den).toFixed(3).replace(/(\.\d\d)\d$/, "$1")));

/** How long the chosen film is, in ticks. */
export const chosenLength = (choice: FilmChoice, places: FilmPlaces): number =>
  choice.part === "range" && places.ranged ? places.to - places.from : places.duration;

export const isTooLong = (
  preset: Preset,
  choice: FilmChoice,
  places: FilmPlaces,
  ticksPerSecond: number,
): boolean =>
  preset.seconds_max !== null && chosenLength(choice, places) > preset.seconds_max * ticksPerSecond;

/** The order; options that the preset has no use for are left at what the server takes for granted. */
export function orderOf(preset: Preset, choice: FilmChoice, places: FilmPlaces): ExportRequest {
  const range = preset.still
    ? { start: places.playhead, end: places.playhead + 1 }
    : choice.part === "range" && places.ranged
      ? { start: places.from, end: places.to }
      : null;
  return {
    preset: preset.name,
    ...(range ? { range } : {}),
    ...(choice.captions === "burn" ? {} : { captions: choice.captions }),
    ...(preset.reshapes && choice.fit !== "contain" ? { fit: choice.fit } : {}),
    ...(preset.has_sound && choice.loudness !== "timeline" ? { loudness: choice.loudness } : {}),
    ...(choice.poster && preset.has_picture && !preset.still ? { poster: places.playhead } : {}),
  };
}
