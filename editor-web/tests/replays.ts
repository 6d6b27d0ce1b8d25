/**
 * A program for tests/backend/collab/test_histories.py: each line of stdin is a list of Yjs updates in
 * hex; each line of stdout is what a browser makes of them, the document and its resolved timeline.
 */
import { createInterface } from "node:readline";
import * as Y from "yjs";
import { documentFromJson, type JsonObject, ROOTS } from "../src/timeline-core/model";
import { resolve } from "../src/timeline-core/resolve";
import { resolvedJson } from "../src/timeline-core/resolved-json";

for await (const line of createInterface({ input: process.stdin })) {
  const ydoc = new Y.Doc();
  for (const update of JSON.parse(line) as string[]) {
    Y.applyUpdate(ydoc, Buffer.from(update, "hex"));
  }
  const document = Object.fromEntries(ROOTS.map((root) => [root, ydoc.getMap(root).toJSON()]));
  const resolved = resolvedJson(resolve(documentFromJson(document as JsonObject), new Map()));
  process.stdout.write(`${JSON.stringify({ document, resolved })}\n`);
}
