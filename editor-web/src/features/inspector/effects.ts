/** Which effects a clip has, and the commands that change their stack. */
import type { sayEffects } from "@/lib/messages/effects";
import type { Command } from "@/timeline-core/commands";
import type { DocRecord } from "@/timeline-core/model";
import { keysBetween } from "@/timeline-core/order-keys";
import { PICTURE_EFFECTS } from "@/timeline-core/schema";
import { propertyOf } from "./values";

export type EffectKind = keyof typeof sayEffects.kinds;
export type Effect = readonly [string, DocRecord];

export const isEffectKind = (kind: string): kind is EffectKind => PICTURE_EFFECTS.has(kind);

/** What a new effect begins with, where its usual numbers change nothing. */
const SEEN: Partial<Record<EffectKind, Record<string, number>>> = {
  blur: { sigma_h: 0.01 },
  mosaic: { size_h: 0.04 },
  sharpen: { amount: 1 },
};

const orderOf = ([, record]: Effect): string => propertyOf(record, "order", "");

/** The live picture effects of an owner, in the order in which they work. */
export const effectsOf = (
  effects: ReadonlyMap<string, DocRecord>,
  owner: string,
): readonly Effect[] =>
  [...effects]
    .filter(([, record]) => record["owner"] === owner && record["removed"] !== true)
    .filter(([, record]) => isEffectKind(propertyOf(record, "kind", "")))
    .sort((one, other) =>
      orderOf(one) === orderOf(other)
        ? compared(one[0], other[0])
        : compared(orderOf(one), orderOf(other)),
    );

export const addEffectCommand = (owner: string, kind: EffectKind): Command => ({
  op: "add_effect",
  owner,
  kind,
  params: SEEN[kind] ?? {},
});

/** Moves the effect at `index` one place; where neighbours share a key all get new ones. */
export const moveCommands = (
  stack: readonly Effect[],
  index: number,
  by: -1 | 1,
): readonly Command[] => {
  const moved = [...stack];
  const [one] = moved.splice(index, 1);
  const to = index + by;
  if (!one || to < 0 || to > moved.length) return [];
  moved.splice(to, 0, one);
  const orders = keysBetween(null, null, moved.length);
  return moved.flatMap(([id, record], place) =>
    record["order"] === orders[place]
      ? []
      : [{ op: "set", map: "effects", id, values: { order: orders[place] ?? "" } }],
  );
};

const compared = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
