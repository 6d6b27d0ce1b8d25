/** The words of the source monitor. */
export const saySource = {
  title: (name: string) => `Source: ${name}`,
  picture: (name: string) => `Picture of ${name}`,
  close: "Close the source monitor",
  play: "Play the source",
  pause: "Pause the source",
  back: "Source one frame back",
  forward: "Source one frame forward",
  markIn: "In",
  markOut: "Out",
  position: "Position in the source",
  part: (code: string) => `takes ${code}`,
  ways: { insert: "Insert", overwrite: "Overwrite", append: "Append" },
} as const;
