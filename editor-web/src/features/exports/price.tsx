/** What a film costs and what is there; where that is too little, the pack that is enough. */
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { listPacks, packsKey } from "@/lib/api/credits";
import type { Quote, Wallet } from "@/lib/api/types";
import { sayCredits } from "@/lib/messages/credits";
import { sayExports as words } from "@/lib/messages/exports";
import { useServices } from "@/lib/services";
import { missingOf, packFor } from "./shortfall";
import { isShort, type PaidExport } from "./use-paid-export";

type PriceProps = { readonly paying: PaidExport; readonly mayBuy: boolean };

export const Price = ({ paying: { quote, wallet, waiting, wait }, mayBuy }: PriceProps) => {
  if (!quote) return null;
  if (wallet && isShort({ quote, wallet }))
    return <Shortfall {...{ quote, wallet, waiting, mayBuy }} onWait={wait} />;
  const cost = sayCredits.many(quote.credits);
  const left = wallet && sayCredits.many(wallet.available - quote.credits);
  return (
    <section aria-label={words.price} className="text-dense text-dim tabular-nums">
      <p className="text-body text-text">
        {left === undefined ? words.costs(cost) : words.costsOf(cost, left)}
      </p>
      <p>{quote.lines.map((line) => words.priced[line.kind](line.frames)).join(" · ")}</p>
    </section>
  );
};

type ShortfallProps = {
  readonly quote: Quote;
  readonly wallet: Wallet;
  readonly waiting: boolean;
  readonly mayBuy: boolean;
  readonly onWait: () => void;
};

const Shortfall = ({ quote, wallet, waiting, mayBuy, onWait }: ShortfallProps) => {
  const { api } = useServices();
  const packs = useQuery({ queryKey: packsKey, queryFn: () => listPacks(api) }).data;
  const pack = packs && packFor(packs.packs, missingOf(quote.credits, wallet));
  return (
    <section
      aria-label={words.price}
      className="grid justify-items-start gap-2 rounded-control border border-warn/60 bg-warn/10 p-3"
    >
      <p role="alert" className="text-warn">
        {words.tooFew(sayCredits.many(quote.credits), sayCredits.many(wallet.available))}
        {wallet.debt > 0 && ` ${sayCredits.levels.owed}`}
        {wallet.frozen && ` ${sayCredits.levels.frozen}`}
      </p>
      {!mayBuy && <p className="text-dim">{sayCredits.askOwner}</p>}
      {mayBuy && packs && pack && (
        <a
          href={`/w/${wallet.workspace}/credits#pack-${pack.id}`}
          target="_blank"
          rel="noopener"
          onClick={onWait}
          className="inline-flex h-7 items-center gap-1.5 rounded-control bg-accent px-3 font-semibold text-on-accent hover:brightness-110"
        >
          {sayCredits.buy(pack.credits, sayCredits.money(pack.amount_minor, packs.currency))}
          <ExternalLink size={14} aria-hidden="true" />
        </a>
      )}
      <p role="status" className="text-dense text-dim">
        {waiting && words.goesOn}
      </p>
    </section>
  );
};
