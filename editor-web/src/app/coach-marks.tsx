/** Three hints, one at a time, that block nothing and are dismissed for good. */
import { X } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { useFirstKey } from "@/lib/keys/choice";
import { sayCoach } from "@/lib/messages/coach";
import { usePreferences } from "@/lib/preferences";

const NAME = "first-steps";

export const CoachMarks = () => {
  const coached = usePreferences((preferences) => preferences.values.coached);
  const keyOf = useFirstKey();
  const [at, setAt] = useState(0);
  const end = () => usePreferences.getState().put({ coached: [...(coached ?? []), NAME] });
  if (coached?.includes(NAME)) return null;
  const hints = [sayCoach.drop, sayCoach.split(keyOf("edit.split") ?? ""), sayCoach.share];
  const isLast = at === hints.length - 1;
  return (
    <aside
      aria-label={sayCoach.title}
      className="pointer-events-none fixed end-4 bottom-6 z-30 flex max-w-80 max-md:hidden"
    >
      <div className="pointer-events-auto flex flex-col gap-2 rounded-panel border border-accent/60 bg-raised p-3 shadow-canvas/70 shadow-xl">
        <p className="flex items-start gap-2">
          <span className="flex-1">{hints[at]}</span>
          <IconButton
            label={sayCoach.dismiss}
            icon={X}
            iconSize={13}
            className="size-6"
            onClick={end}
          />
        </p>
        <p className="flex items-center justify-between">
          <span className="text-dense text-faint">{sayCoach.step(at + 1, hints.length)}</span>
          <Button small look="primary" onClick={() => (isLast ? end() : setAt(at + 1))}>
            {isLast ? sayCoach.done : sayCoach.next}
          </Button>
        </p>
      </div>
    </aside>
  );
};
