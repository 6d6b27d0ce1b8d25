/** The card that every door of the site is. */
import { Mark } from "@/components/ui/mark";

export const DoorCard = ({
  title,
  intro,
  children,
}: {
  title: string;
  intro: string;
  children: React.ReactNode;
}) => (
  <main className="grid min-h-dvh place-items-center bg-canvas p-4">
    <section
      aria-label={title}
      className="w-full max-w-90 rounded-panel border border-divider bg-panel p-6"
    >
      <Mark size={32} />
      <h1 className="mt-4 text-[18px] leading-6 font-semibold">{title}</h1>
      <p className="mt-1 mb-5 text-dim">{intro}</p>
      {children}
    </section>
  </main>
);
