/** Text of the preview panel. */
export const previewText = {
  label: () => "Preview",
  picture: () => "Picture at the playhead",
  empty: () =>
    "Nothing on the timeline yet. Drop video, audio or images, or try the sample project.",
  quality: {
    auto: () => "Quality: auto",
    full: () => "Quality: full",
    half: () => "Quality: half",
  },
  scopes: {
    title: () => "Scopes",
    waveform: () => "Waveform",
    vectorscope: () => "Vectorscope",
    histogram: () => "Histogram",
    luma: (low: number, high: number) => `Luma ${low}–${high} %`,
    close: () => "Close the scopes",
  },
  /** Why media is not shown. The first four stand in films too, in the same words. */
  slate: {
    missing: () => "missing",
    failed: () => "cannot be read",
    pending: () => "not ready yet",
    noPicture: () => "no picture",
    preparing: () => "preview is being made",
    noPreview: () => "has no preview",
    undecodable: () => "cannot be shown in this browser",
  },
} as const;
