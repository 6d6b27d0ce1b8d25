import fc from "fast-check";
import { expect, it } from "vitest";
import { ASSETS, commands, films, idsOf } from "../../tests/films";
import { type Command, edited, isServerCommand } from "./commands";
import { applied, type Edit, type TimelineDocument } from "./model";
import { EditRefused } from "./refusal";
import { resolve } from "./resolve";
import { resolvedJson } from "./resolved-json";
import { Seen } from "./seen";
import { undoPatch } from "./undo";

const tried = (document: TimelineDocument, list: readonly Command[]): Edit | null => {
  try {
    return edited(document, ASSETS, list, idsOf("new"));
  } catch (cause) {
    if (cause instanceof EditRefused) return null;
    throw cause;
  }
};

it("timeline-U5: an operation and its undo show the same as before", () => {
  const done = new Set<string>();
  fc.assert(
    fc.property(films, fc.array(commands, { minLength: 1, maxLength: 3 }), (film, list) => {
      const edit = tried(film, list);
      if (edit === null) return;
      for (const { op } of list) done.add(op);
      const after = applied(film, edit.changes);
      const back = applied(after, undoPatch(after, edit.changes).changes);
      expect(resolvedJson(resolve(back, ASSETS))).toEqual(resolvedJson(resolve(film, ASSETS)));
    }),
    { numRuns: 1500 },
  );
  expect(done.size).toBeGreaterThan(20); // else the property said little
});

it("timeline-U2: the undo of the undo shows what the operation made", () => {
  fc.assert(
    fc.property(films, commands, (film, command) => {
      const edit = tried(film, [command]);
      if (edit === null) return;
      const after = applied(film, edit.changes);
      const undo = undoPatch(after, edit.changes).changes;
      const back = applied(after, undo);
      const again = applied(back, undoPatch(back, undo).changes);
      expect(resolvedJson(resolve(again, ASSETS))).toEqual(resolvedJson(resolve(after, ASSETS)));
    }),
    { numRuns: 500 },
  );
});

it("timeline-E1: edits see what resolve shows, after any edit", () => {
  fc.assert(
    fc.property(films, commands, (film, command) => {
      const document = applied(film, tried(film, [command])?.changes ?? []);
      const seen = new Seen(document, ASSETS);
      for (const { id, tracks } of resolve(document, ASSETS).sequences.values()) {
        const lanes = seen.lanes(id).map(({ track, pieces }) => ({
          track,
          pieces: pieces.map(({ clip, start, end }) => [clip, start, end]),
        }));
        const shown = tracks.map((track) => ({
          track: track.id,
          pieces: track.spans.map(({ clip, start, duration }) => [clip, start, start + duration]),
        }));
        expect(lanes).toEqual(shown);
      }
    }),
    { numRuns: 500 },
  );
});

it("timeline-R4: the spans of a track are sorted and disjoint, after any edit", () => {
  fc.assert(
    fc.property(films, commands, (film, command) => {
      const document = applied(film, tried(film, [command])?.changes ?? []);
      for (const { tracks } of resolve(document, ASSETS).sequences.values()) {
        for (const { spans } of tracks) {
          for (const [index, span] of spans.entries()) {
            const next = spans[index + 1];
            expect(span.duration).toBeGreaterThan(0);
            if (next !== undefined) {
              expect(next.start).toBeGreaterThanOrEqual(span.start + span.duration);
            }
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

it("timeline-E9: what moves clips that it does not name is a server command", () => {
  const isServer = (command: Command): boolean => isServerCommand(command);
  expect(isServer({ op: "ripple_delete" })).toBe(true);
  expect(isServer({ op: "move", mode: "insert" })).toBe(true);
  expect(isServer({ op: "move" })).toBe(false);
  expect(isServer({ op: "split" })).toBe(false);
  expect(isServer({ op: "set_speed", ripple: true })).toBe(true);
});
