/** Buying credits and giving them back. The server says what is credited, never the browser. */

import { type Api, answered } from "./client";
import type {
  CreditOrder,
  CreditPacks,
  Export,
  ExportRequest,
  JournalEntry,
  Page,
  Paid,
  Quote,
  Wallet,
} from "./types";

export const packsKey = ["credit-packs"] as const;
export const ordersKey = (workspace: string) => ["credit-orders", workspace] as const;
export const journalKey = (workspace: string) => ["journal", workspace] as const;
export const orderKey = (order: string) => ["credit-order", order] as const;

const keyed = (id: string, key: string) => ({
  params: { path: { id }, header: { "Idempotency-Key": key } },
});

export const listPacks = (api: Api): Promise<CreditPacks> => answered(api.GET("/credit-packs", {}));

export const listOrders = (api: Api, id: string): Promise<Page<CreditOrder>> =>
  answered(api.GET("/workspaces/{id}/credit-orders", { params: { path: { id }, query: {} } }));

/** The same key goes on with the same order. */
export const buyPack = (
  api: Api,
  workspace: string,
  pack: string,
  key: string,
): Promise<CreditOrder> =>
  answered(
    api.POST("/workspaces/{id}/credit-orders", { ...keyed(workspace, key), body: { pack } }),
  );

export const getOrder = (api: Api, id: string): Promise<CreditOrder> =>
  answered(api.GET("/credit-orders/{id}", { params: { path: { id } } }));

export const confirmOrder = (api: Api, id: string, paid: Paid): Promise<CreditOrder> =>
  answered(api.POST("/credit-orders/{id}/confirm", { params: { path: { id } }, body: paid }));

/** Give back all that is bought and unspent. */
export const giveBack = (api: Api, order: string, key: string): Promise<unknown> =>
  answered(api.POST("/credit-orders/{id}/refunds", { ...keyed(order, key), body: {} }));

const JOURNAL_PAGE = 20;

export const getWallet = (api: Api, id: string): Promise<Wallet> =>
  answered(
    api.GET("/workspaces/{workspace_id}/wallet", { params: { path: { workspace_id: id } } }),
  );

/** Newest first. */
export const listJournal = (api: Api, id: string, cursor?: string): Promise<Page<JournalEntry>> =>
  answered(
    api.GET("/workspaces/{workspace_id}/wallet/journal", {
      params: {
        path: { workspace_id: id },
        query: { limit: JOURNAL_PAGE, ...(cursor === undefined ? {} : { cursor }) },
      },
    }),
  );

/** What this order would cost, good for 15 minutes. */
export const askPrice = (api: Api, project: string, body: ExportRequest): Promise<Quote> =>
  answered(api.POST("/projects/{id}/quotes", { params: { path: { id: project } }, body }));

/** The export that an entry is about. Here, as the page of credits loads nothing of the editor. */
export const getSpending = (api: Api, id: string): Promise<Export> =>
  answered(api.GET("/exports/{id}", { params: { path: { id } } }));

/** Some project of the workspace: each is told of its wallet. Null where there is none. */
export async function findProject(api: Api, workspace: string): Promise<string | null> {
  const { items } = await answered(api.GET("/projects", {}));
  return items.find((project) => project.workspace === workspace)?.id ?? null;
}
