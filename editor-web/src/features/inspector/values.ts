/** The values of several records as one field shows them, and what writing them back means. */
import type { Command } from "@/timeline-core/commands";
import type { DocRecord, Json } from "@/timeline-core/model";

export type Shared<T> = { readonly value: T; readonly mixed: boolean };

/** What the records agree on; the first one's value, marked, where they do not. */
export function shared<T extends Json>(
  records: readonly DocRecord[],
  key: string,
  usual: T,
): Shared<T> {
  const values = records.map((record) => propertyOf(record, key, usual));
  const value = values[0] ?? usual;
  return { value, mixed: values.some((other) => other !== value) };
}

/** The value of a key; what is missing or of another type counts as the usual one. */
export function propertyOf<T extends Json>(record: DocRecord, key: string, usual: T): T {
  const value = record[key];
  return typeof value === typeof usual && value !== null ? (value as T) : usual;
}

/** One command for each record; the usual value is written as null, "not set". */
export function setCommands(
  ids: readonly string[],
  key: string,
  value: Json,
  usual: Json,
  map = "clips",
): readonly Command[] {
  const written = value === usual ? null : value;
  return ids.map((id) => ({ op: "set", map, id, values: { [key]: written } }));
}
