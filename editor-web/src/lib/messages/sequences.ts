/** The words of sequences. */
export const saySequences = {
  title: "Sequences",
  open: (name: string) => `Sequence: ${name}`,
  main: "Main",
  unnamed: "Sequence",
  rename: "Rename sequence",
  name: "Name of the sequence",
  makeMain: "Make it the main sequence",
  remove: "Remove sequence",
  save: "Save",
} as const;
