/** Where toasts are shown, and told to screen readers. */
import { CircleAlert, CircleCheck, type LucideIcon, TriangleAlert, X } from "lucide-react";
import { say } from "@/lib/messages/screens";
import { type ToastTone, useToasts } from "@/lib/toast";
import { IconButton } from "./button";

const LOOKS: Readonly<Record<Exclude<ToastTone, "plain">, readonly [LucideIcon, string]>> = {
  success: [CircleCheck, "text-ok"],
  warning: [TriangleAlert, "text-warn"],
  error: [CircleAlert, "text-bad"],
};

export const Toaster = () => {
  const { notes, dismiss } = useToasts();
  return (
    <section
      aria-label={say.common.notes}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-6 z-50 flex flex-col items-center gap-2"
    >
      {notes.map(({ id, tone, text, description, action }) => {
        const [Icon, color] = tone === "plain" ? [null, ""] : LOOKS[tone];
        return (
          <div
            key={id}
            className="toast pointer-events-auto flex min-h-9 max-w-[min(520px,92vw)] items-center gap-2 rounded-panel border border-divider bg-raised py-1 ps-3 pe-1 shadow-canvas shadow-xl"
          >
            {Icon && <Icon size={16} aria-hidden="true" className={`shrink-0 ${color}`} />}
            <p className="min-w-0 flex-1">
              {text}
              {description && <span className="block text-dense text-dim">{description}</span>}
            </p>
            {action && (
              <button
                type="button"
                onClick={() => {
                  action.onClick();
                  dismiss(id);
                }}
                className="h-7 shrink-0 rounded-control px-2 font-semibold text-accent hover:bg-hover"
              >
                {action.label}
              </button>
            )}
            <IconButton
              label={say.media.dismiss}
              icon={X}
              iconSize={14}
              onClick={() => dismiss(id)}
            />
          </div>
        );
      })}
    </section>
  );
};
