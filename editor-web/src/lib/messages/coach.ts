/** Three hints for somebody who is here for the first time. */
export const sayCoach = {
  title: "First steps",
  drop: "Drop video, audio or images anywhere on the timeline.",
  split: (keys: string) => `${keys} splits the clip at the playhead.`,
  share: "Share gives others a link: you cut together, at the same time.",
  next: "Next",
  done: "Got it",
  dismiss: "No more hints",
  step: (number: number, of: number) => `${number} of ${of}`,
} as const;
