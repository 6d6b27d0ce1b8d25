/** A part of a page: its name, what it is about, what can be done to all of it, then the rest. */
import { type ReactNode, type Ref, useId } from "react";

type SectionProps = {
  readonly title: string;
  readonly hint?: string;
  readonly action?: ReactNode;
  /** Takes the focus where what had it is gone. */
  readonly heading?: Ref<HTMLHeadingElement>;
  readonly children?: ReactNode;
};

export const Section = ({ title, hint, action, heading, children }: SectionProps) => {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid gap-3">
      <header className="flex items-end gap-4">
        <div className="me-auto">
          <h2 ref={heading} id={id} tabIndex={-1} className="rounded-control font-semibold">
            {title}
          </h2>
          {hint && <p className="text-dim">{hint}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
};

/** The rows of a list, or a form, on a ground of their own. */
export const Rows = ({ children }: { readonly children: ReactNode }) => (
  <ul className="divide-y divide-divider rounded-panel bg-panel">{children}</ul>
);

type RowProps = {
  readonly title: ReactNode;
  readonly detail?: ReactNode;
  readonly children?: ReactNode;
};

/** One thing of a list: what it is, what there is to know, what can be done. */
export const Row = ({ title, detail, children }: RowProps) => (
  <li className="flex min-h-13 items-center gap-3 px-4 py-2">
    <div className="me-auto grid min-w-0 gap-0.5">
      <p className="flex items-center gap-2 truncate">{title}</p>
      {detail && <p className="text-dense text-dim">{detail}</p>}
    </div>
    {children}
  </li>
);

/** A short word beside a name: which one of several this is. */
export const Badge = ({ children }: { readonly children: ReactNode }) => (
  <span className="rounded-full bg-accent/15 px-2 text-dense text-accent">{children}</span>
);
