/** `/w/{workspace}/credits`: the only page that takes money, and a document of its own. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Section } from "@/components/ui/section";
import { Balance } from "@/features/wallet/balance";
import { Journal } from "@/features/wallet/journal";
import { OrderList } from "@/features/wallet/order-list";
import { useBuying } from "@/features/wallet/use-buying";
import { useWalletEvents } from "@/features/wallet/use-wallet";
import { listPacks, packsKey } from "@/lib/api/credits";
import type { CreditPacks } from "@/lib/api/types";
import { sayCredits as words } from "@/lib/messages/credits";
import { useServices } from "@/lib/services";
import { useMe } from "./signed-in";

export const CreditsPage = ({ workspace }: { readonly workspace: string }) => {
  const { api } = useServices();
  const me = useMe();
  const role = me.workspaces.find(({ id }) => id === workspace)?.role;
  const packs = useQuery({ queryKey: packsKey, queryFn: () => listPacks(api) });
  const mayBuy = role === "owner" || role === "billing";
  useWalletEvents(workspace);
  return (
    <main className="mx-auto grid max-w-180 content-start gap-6 p-6">
      <a href="/?list" className="text-dim hover:text-text">
        {words.back}
      </a>
      <h1 className="text-heading font-semibold">{words.title}</h1>
      {packs.data && packs.data.mode !== "live" && (
        <p className="rounded-control border border-warn px-3 py-2 font-semibold text-warn">
          {words.testMoney}
        </p>
      )}
      <section aria-label={words.balance} className="grid gap-3">
        <Balance workspace={workspace} />
      </section>
      {mayBuy ? (
        <Buying workspace={workspace} mayGiveBack={role === "owner"} packs={packs} />
      ) : (
        <p className="text-dim">{words.askOwner}</p>
      )}
    </main>
  );
};

type BuyingProps = {
  readonly workspace: string;
  readonly mayGiveBack: boolean;
  readonly packs: UseQueryResult<CreditPacks>;
};

const Buying = ({ workspace, mayGiveBack, packs }: BuyingProps) => {
  const { buying, told } = useBuying(workspace);
  return (
    <>
      <Section title={words.packs}>
        {packs.isLoadingError && (
          <FailedCall
            error={packs.error}
            title={words.packs}
            onRetry={() => void packs.refetch()}
          />
        )}
        {packs.data?.packs.map((pack) => (
          <Button
            key={pack.id}
            id={`pack-${pack.id}`}
            look="primary"
            disabled={buying.isPending}
            onClick={() => buying.mutate(pack.id)}
          >
            {words.buy(pack.credits, words.money(pack.amount_minor, packs.data.currency))}
          </Button>
        ))}
        {buying.isError && (
          <FailedCall error={buying.error} title={words.failed} onRetry={() => buying.reset()} />
        )}
        <p role="status" className="min-h-5">
          {told}
        </p>
      </Section>
      <Section title={words.orders}>
        <OrderList workspace={workspace} mayGiveBack={mayGiveBack} />
      </Section>
      <Section title={words.journal}>
        <Journal workspace={workspace} />
      </Section>
    </>
  );
};
