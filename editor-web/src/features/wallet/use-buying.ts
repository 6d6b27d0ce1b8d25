/** From the click to "credited": order, checkout, confirm, and then the server's word. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { buyPack, confirmOrder, getOrder, journalKey, ordersKey } from "@/lib/api/credits";
import type { CreditOrder } from "@/lib/api/types";
import { walletKey } from "@/lib/api/wallet";
import { newId } from "@/lib/ids";
import { sayCredits } from "@/lib/messages/credits";
import { useServices } from "@/lib/services";
import { openCheckout } from "./checkout";

const POLL_MS = 2000;
const POLLS_MAX = 30; // a minute; then "when the bank confirms"

const isUnpaid = (order: CreditOrder): boolean =>
  ["new", "created", "attempted"].includes(order.state);

export function useBuying(workspace: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [told, setTold] = useState("");
  const refresh = () =>
    Promise.all(
      [ordersKey, walletKey, journalKey].map((keyOf) =>
        queries.invalidateQueries({ queryKey: keyOf(workspace) }),
      ),
    );

  const awaited = async (order: CreditOrder): Promise<CreditOrder> => {
    let seen = order;
    for (let polls = 0; isUnpaid(seen) && polls < POLLS_MAX; polls += 1) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      seen = await getOrder(api, order.id);
    }
    return seen;
  };

  const buying = useMutation({
    mutationFn: async (pack: string) => {
      setTold(sayCredits.opening);
      const order = await buyPack(api, workspace, pack, newId());
      if (order.checkout === null) return order;
      const paid = await openCheckout(order.checkout, (why) => setTold(sayCredits.declined(why)));
      if (paid === null) {
        setTold(sayCredits.closed);
        return getOrder(api, order.id); // also brings the server's next look forward
      }
      setTold(sayCredits.confirming);
      const seen = await awaited(await confirmOrder(api, order.id, paid));
      setTold(isUnpaid(seen) ? sayCredits.later : sayCredits.credited(seen.credits_posted));
      return seen;
    },
    onSettled: refresh,
    onError: () => setTold(""),
  });
  return { buying, told, refresh };
}
