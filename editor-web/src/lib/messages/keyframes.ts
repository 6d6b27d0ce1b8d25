/** The words of keyframes. */
import { counted } from "./en";

export const sayKeyframes = {
  add: (name: string) => `Keyframe of ${name} at the playhead`,
  remove: (name: string) => `Remove the keyframe of ${name}`,
  previous: (name: string) => `Previous keyframe of ${name}`,
  next: (name: string) => `Next keyframe of ${name}`,
  count: (count: number) => counted(count, "keyframe", "keyframes"),
  curve: (name: string) => `Curve of ${name}`,
  goTo: (code: string) => `Go to the keyframe at ${code}`,
  easingAt: (code: string) => `Easing after ${code}`,
  removeAt: (code: string) => `Remove the keyframe at ${code}`,
  ramp: {
    title: "Speed along the clip",
    begin: "Change the speed along the clip",
    from: (code: string) => `From ${code}`,
    join: (code: string) => `No change of speed at ${code}`,
    smooth: "Glide between speeds",
    cut: "Change at the playhead",
    end: "One speed again",
  },
  easings: {
    linear: "Linear",
    hold: "Hold",
    ease: "Ease",
    "ease-in": "Ease in",
    "ease-out": "Ease out",
    "ease-in-out": "Ease in and out",
    overshoot: "Overshoot",
    custom: "Own curve",
  },
} as const;
