/** A dialog on the browser's own element: it keeps the focus, closes by Esc, and gives it back. */
import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./button";
import { classNames } from "./class-names";

type DialogProps = {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly width?: "narrow" | "wide";
};

export const Dialog = ({
  title,
  closeLabel,
  onClose,
  children,
  footer,
  width = "narrow",
}: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) {
      dialog.showModal();
      firstField(dialog)?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes; the click is the one outside it
    <dialog
      ref={element}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => event.target === element.current && element.current?.close()}
      className={classNames(
        "m-auto max-h-[86dvh] overflow-visible rounded-panel border border-divider bg-panel p-0 text-text shadow-2xl shadow-canvas backdrop:bg-canvas/70",
        width === "wide" ? "w-[min(880px,94vw)]" : "w-[min(520px,94vw)]",
      )}
    >
      <div className="flex max-h-[86dvh] flex-col">
        <header className="flex h-11 shrink-0 items-center justify-between border-b border-divider ps-4 pe-2">
          <h2 id={titleId} className="text-heading font-semibold">
            {title}
          </h2>
          <IconButton label={closeLabel} icon={X} onClick={() => element.current?.close()} />
        </header>
        <div data-body="" className="min-h-0 flex-1 overflow-y-auto p-4">
          {children}
        </div>
        {footer && <footer className="shrink-0 border-t border-divider px-4 py-3">{footer}</footer>}
      </div>
    </dialog>
  );
};

/** What somebody opened the dialog for: its first field, else its main button. */
const firstField = (dialog: HTMLElement): HTMLElement | null =>
  dialog.querySelector<HTMLElement>("[data-body] :is(input, select, textarea):not([readonly])") ??
  dialog.querySelector<HTMLElement>("footer button:last-child");
