/** The wallet as the page knows it: apart from what buys, as the editor hears of it from the start. */
import type { QueryClient } from "@tanstack/react-query";
import type { Wallet } from "./types";

export const walletKey = (workspace: string) => ["wallet", workspace] as const;

/** Takes a wallet that the server told of; an older one than is known is dropped. */
export function putWallet(queries: QueryClient, told: Wallet): void {
  queries.setQueryData<Wallet>(walletKey(told.workspace), (known) =>
    known && known.seq > told.seq ? known : told,
  );
}
