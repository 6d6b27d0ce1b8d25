/** Three people, one document: random gestures, random delivery, random undo. */
import fc from "fast-check";
import { expect, it } from "vitest";
import * as Y from "yjs";
import { type Command, edited } from "@/timeline-core/commands";
import {
  type Change,
  documentJson,
  type JsonObject,
  RECORD_ROOTS,
  type TimelineDocument,
} from "@/timeline-core/model";
import { EditRefused } from "@/timeline-core/refusal";
import { resolve } from "@/timeline-core/resolve";
import { ASSETS, CLIP_IDS, commands, films, idsOf } from "../../tests/films";
import { SharedDocument } from "./document";
import { UndoStack } from "./undo-stack";

interface Person {
  readonly name: string;
  readonly shared: SharedDocument;
  readonly undo: UndoStack;
  readonly newId: () => string;
}

const person = (name: string, clientId: number, film: TimelineDocument): Person => {
  const doc = new Y.Doc();
  doc.clientID = 1; // one seeder with a fixed id, as the server does
  for (const root of RECORD_ROOTS) {
    for (const [id, record] of film[root]) {
      doc.getMap(root).set(id, new Y.Map(Object.entries(record)));
    }
  }
  for (const [key, value] of Object.entries(film.meta)) doc.getMap("meta").set(key, value);
  doc.clientID = clientId;
  const kept = { getItem: () => null, setItem: () => undefined };
  return {
    name,
    shared: new SharedDocument(doc),
    undo: new UndoStack(kept, "k"),
    newId: idsOf(name),
  };
};

const gesture = ({ shared, undo, newId }: Person, command: Command): void => {
  try {
    const { changes } = edited(shared.stored(), ASSETS, [command], newId);
    shared.apply(changes, command.op);
    undo.push({ label: command.op, changes });
  } catch (cause) {
    if (!(cause instanceof EditRefused)) throw cause;
  }
};

const deliver = (from: Person, to: Person): void => {
  const have = Y.encodeStateVector(to.shared.doc);
  Y.applyUpdate(to.shared.doc, Y.encodeStateAsUpdate(from.shared.doc, have), "remote");
};

type Act =
  | { readonly kind: "edit" | "command"; readonly who: number; readonly command: Command }
  | { readonly kind: "rename"; readonly who: number; readonly clip: string }
  | { readonly kind: "undo" | "redo"; readonly who: number }
  | { readonly kind: "deliver"; readonly who: number; readonly to: number };

const SERVER = 3;
const who = fc.integer({ min: 0, max: 2 });
const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("edit" as const, "command"),
      who,
      command: commands,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("rename" as const),
      who,
      clip: fc.constantFrom(...CLIP_IDS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("undo" as const, "redo"), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("deliver" as const), who, to: who }) },
);

/** As `POST commands` does it: computed and written by the server, undone by whoever asked. */
const command = (asking: Person, server: Person, asked: Command): void => {
  deliver(asking, server);
  try {
    const { changes } = edited(server.shared.stored(), ASSETS, [asked], server.newId);
    server.shared.apply(changes, "server");
    deliver(server, asking);
    asking.undo.push({ label: asked.op, changes });
  } catch (cause) {
    if (!(cause instanceof EditRefused)) throw cause;
  }
};

/** Names that other people gave, which nobody's undo may touch. */
const namesOfOthers = ({ name, shared }: Person): ReadonlyMap<string, unknown> =>
  new Map(
    [...shared.stored().clips]
      .map(([id, record]) => [id, record["name"]] as const)
      .filter(([, given]) => typeof given === "string" && !given.startsWith(name)),
  );

const play = (people: readonly Person[], act: Act, number: number): void => {
  const one = people[act.who] as Person;
  if (act.kind === "edit") gesture(one, act.command);
  else if (act.kind === "command") command(one, people[SERVER] as Person, act.command);
  else if (act.kind === "rename") {
    const values = { name: `${one.name}${number}` };
    gesture(one, { op: "set", map: "clips", id: act.clip, values });
  } else if (act.kind === "deliver") deliver(one, people[act.to] as Person);
  else {
    const before = namesOfOthers(one);
    const step =
      act.kind === "undo" ? one.undo.undo(one.shared.stored()) : one.undo.redo(one.shared.stored());
    if (step !== null) one.shared.apply(step.changes, act.kind);
    for (const [id, given] of before) {
      expect(one.shared.stored().clips.get(id)?.["name"]).toBe(given);
    }
  }
};

const plain = ({ shared }: Person): JsonObject =>
  Object.fromEntries(
    ["meta", ...RECORD_ROOTS].map((root) => [root, shared.doc.getMap(root).toJSON() as JsonObject]),
  );

it("editor-D3: three people's random gestures, commands of the server and undos converge and stay valid", () => {
  fc.assert(
    fc.property(films, fc.array(acts, { maxLength: 30 }), (film, list) => {
      const people = ["A", "B", "C", "server"].map((name, index) => person(name, index + 10, film));
      for (const [number, act] of list.entries()) play(people, act, number);
      const everyPair = people.flatMap((from) => people.map((to) => [from, to] as const));
      for (const [from, to] of [...everyPair, ...everyPair]) deliver(from, to);
      const [first, ...others] = people as [Person, ...Person[]];
      for (const other of others) expect(plain(other)).toEqual(plain(first));
      for (const each of people) {
        // what is read event by event is what is there
        expect(documentJson(each.shared.stored())).toEqual(plain(each));
        resolve(each.shared.stored(), ASSETS);
      }
    }),
    { numRuns: 80 },
  );
});

it("editor-D3, timeline-U3: an undo leaves alone what somebody else moved since, and tells it", () => {
  const film = fc.sample(films, { seed: 7, numRuns: 1 })[0] as TimelineDocument;
  const [asha, bea] = [person("A", 10, film), person("B", 11, film)];
  gesture(asha, { op: "set", map: "clips", id: "c1", values: { name: "A1", opacity: 0.5 } });
  deliver(asha, bea);
  gesture(bea, { op: "set", map: "clips", id: "c1", values: { name: "B1" } });
  deliver(bea, asha);
  const step = asha.undo.undo(asha.shared.stored());
  asha.shared.apply(step?.changes ?? [], "undo");
  const record = asha.shared.record("clips", "c1");
  expect([record?.["name"], record?.["opacity"]]).toEqual(["B1", null]);
  expect(step?.skipped.map(({ key }: Change) => key)).toEqual(["name"]);
});
