/** What was bought: state, receipt, invoice, and giving back what is unspent. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Receipt } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Empty } from "@/components/ui/states";
import { giveBack, listOrders, ordersKey } from "@/lib/api/credits";
import type { CreditOrder } from "@/lib/api/types";
import { newId } from "@/lib/ids";
import { sayCredits as words } from "@/lib/messages/credits";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";

type ListProps = { readonly workspace: string; readonly mayGiveBack: boolean };

export const OrderList = ({ workspace, mayGiveBack }: ListProps) => {
  const { api } = useServices();
  const orders = useQuery({
    queryKey: ordersKey(workspace),
    queryFn: () => listOrders(api, workspace),
  });
  const back = useMutation({
    mutationFn: (order: string) => giveBack(api, order, newId()),
    onSuccess: () => toast.success(words.givenBack),
    onError: (cause) =>
      toast.error(words.refused, {
        description: cause instanceof ProblemError ? cause.problem.detail : undefined,
      }),
    onSettled: () => orders.refetch(),
  });
  if (orders.isLoadingError)
    return (
      <FailedCall error={orders.error} title={words.orders} onRetry={() => void orders.refetch()} />
    );
  const items = orders.data?.items ?? [];
  if (orders.data && items.length === 0)
    return (
      <Empty icon={Receipt} title={words.none}>
        {words.noneHint}
      </Empty>
    );
  return (
    <ul className="grid gap-2">
      {items.map((order) => (
        <Order
          key={order.id}
          order={order}
          onGiveBack={
            mayGiveBack && order.refundable_credits > 0 && !back.isPending
              ? () => back.mutate(order.id)
              : null
          }
        />
      ))}
    </ul>
  );
};

const Order = ({
  order,
  onGiveBack,
}: {
  readonly order: CreditOrder;
  readonly onGiveBack: (() => void) | null;
}) => (
  <li
    id={order.id}
    className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-panel bg-panel px-4 py-3 target:outline-2 target:outline-accent"
  >
    <span className="font-semibold">{words.many(order.credits)}</span>
    <span>{words.money(order.amount_minor, order.currency)}</span>
    <span className="text-dim">{words.state[order.state]}</span>
    <span className="flex-1" />
    {onGiveBack && (
      <Button small onClick={onGiveBack}>
        {words.giveBack(order.refundable_credits)}
      </Button>
    )}
    {order.payment !== null && (
      <span className="w-full text-dense text-dim">
        {words.receipt(order.id, order.payment)}
        {order.invoices.map((paper) => ` · ${words.invoice(paper.number)}`)}
      </span>
    )}
  </li>
);
