/** Text of the preview panel. */
export const previewText = {
  label: () => "Preview",
  picture: () => "Picture at the playhead",
  empty: () =>
    "Nothing on the timeline yet. Drop video, audio or images, or try the sample project.",
} as const;
