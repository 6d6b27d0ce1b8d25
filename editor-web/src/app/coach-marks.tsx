/** Three hints, one at a time, that cover nothing and are dismissed for good. */
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
    <section
      aria-label={sayCoach.title}
      className="mx-2 mb-2 flex shrink-0 flex-col gap-1 rounded-panel border border-accent/60 bg-raised p-2 text-dense"
    >
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
        <span className="text-faint">{sayCoach.step(at + 1, hints.length)}</span>
        <Button small look="primary" onClick={() => (isLast ? end() : setAt(at + 1))}>
          {isLast ? sayCoach.done : sayCoach.next}
        </Button>
      </p>
    </section>
  );
};
