/** Numbers, sizes and times as they are said. */
import { language, localized } from "./language";

const numbers = localized((locale) => new Intl.NumberFormat(locale));
const dates = localized(
  (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
);
export const number = { format: (value: number): string => numbers().format(value) };
export const date = { format: (moment: Date): string => dates().format(moment) };
const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** "3.4 MB". */
export const bytes = (size: number): string => {
  let value = size;
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return new Intl.NumberFormat(language(), {
    style: "unit",
    unit: units[at] ?? "byte",
    unitDisplay: at === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && at > 0 ? 1 : 0,
  }).format(value);
};

const ago = localized(
  (locale) => new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "auto" }),
);

/** What "just now" and the like are called. */
export const sayTimes = {
  now: "just now",
  soon: "a few seconds left",
  seconds: (count: string) => `about ${count} s left`,
  minutes: (count: string) => `about ${count} min left`,
} as const;

/** "6 min. ago", "yesterday": for lists, where nobody counts seconds. */
export const spoken = (seconds: number): string => {
  if (seconds < 45) return sayTimes.now;
  if (seconds < 3_600) return ago().format(-Math.round(seconds / 60), "minute");
  return ago().format(-Math.round(seconds / 3_600), "hour");
};

/** "about 2 min left". */
export const left = (seconds: number): string => {
  if (seconds < 5) return sayTimes.soon;
  if (seconds < 90) return sayTimes.seconds(number.format(Math.round(seconds)));
  return sayTimes.minutes(number.format(Math.round(seconds / 60)));
};

export const percent = (part: number): string => `${number.format(Math.floor(part * 100))} %`;
