/** A page of forms and lists: the way back, its name, its sections one below the other. */
import { ChevronLeft } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { Link } from "wouter";
import { useTitle } from "@/lib/use-title";

type PlainPageProps = {
  readonly title: string;
  readonly about: string;
  /** Takes the focus where what had it is gone. */
  readonly heading?: Ref<HTMLHeadingElement>;
  readonly back: { readonly href: string; readonly label: string };
  readonly children: ReactNode;
};

export const PlainPage = ({ title, about, heading, back, children }: PlainPageProps) => {
  useTitle(title);
  return (
    <main className="mx-auto grid max-w-180 content-start gap-8 p-6 pb-16">
      <header className="grid gap-1">
        <Link
          href={back.href}
          className="mb-3 inline-flex items-center gap-1.5 justify-self-start text-dim hover:text-text"
        >
          <ChevronLeft size={14} aria-hidden="true" />
          {back.label}
        </Link>
        <h1
          ref={heading}
          tabIndex={-1}
          className="justify-self-start rounded-control text-[20px] leading-7 font-semibold"
        >
          {title}
        </h1>
        <p className="text-dim">{about}</p>
      </header>
      {children}
    </main>
  );
};
