/** The words of titles on the picture. */
export const sayTitles = {
  words: "Words of the title",
  transitions: "Transitions",
  transitionsHint: "Drag one onto a cut, or press it for the cut nearest to the playhead.",
  addTransition: (name: string) => `Add ${name} at the nearest cut`,
  kinds: { dissolve: "Dissolve", dip: "Dip to colour" },
} as const;
