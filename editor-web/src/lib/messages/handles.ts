/** The words of what lies over the picture. */
export const sayHandles = {
  tools: "Tools of the preview",
  transform: "Move, scale and turn",
  cropping: "Crop",
  safeAreas: "Safe areas",
  fullscreen: "Full screen",
  rotate: "Turn",
  scale: "Scale",
  crop: "Crop",
} as const;
