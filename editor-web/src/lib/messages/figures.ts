/** Numbers, sizes and times as they are said. */

export const number = new Intl.NumberFormat("en");
export const date = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** "3.4 MB". */
export const bytes = (size: number): string => {
  let value = size;
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return new Intl.NumberFormat("en", {
    style: "unit",
    unit: units[at] ?? "byte",
    unitDisplay: at === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && at > 0 ? 1 : 0,
  }).format(value);
};

const ago = new Intl.RelativeTimeFormat("en", { style: "short", numeric: "auto" });

/** "6 min. ago", "yesterday": for lists, where nobody counts seconds. */
export const spoken = (seconds: number): string => {
  if (seconds < 45) return "just now";
  if (seconds < 3_600) return ago.format(-Math.round(seconds / 60), "minute");
  return ago.format(-Math.round(seconds / 3_600), "hour");
};

/** "about 2 min left". */
export const left = (seconds: number): string => {
  if (seconds < 5) return "a few seconds left";
  if (seconds < 90) return `about ${number.format(Math.round(seconds))} s left`;
  return `about ${number.format(Math.round(seconds / 60))} min left`;
};

export const percent = (part: number): string => `${number.format(Math.floor(part * 100))} %`;
