/** The calls the editor makes, in the shape that openapi-fetch reads. */
import type {
  Activity,
  ApiToken,
  Asset,
  CommandsAnswer,
  CommandsRequest,
  CreditOrder,
  CreditPacks,
  Export,
  ExportAccepted,
  ExportRequest,
  Invite,
  JournalEntry,
  Me,
  Member,
  NewInvite,
  NewMember,
  NewProject,
  NewThread,
  NewToken,
  OpenIdStart,
  OpenSignIn,
  Page,
  Paid,
  Preset,
  Project,
  Quote,
  Reply,
  Role,
  ShareLink,
  SignIn,
  TextImage,
  Thread,
  ThreadPerson,
  TimelineFile,
  Transfer,
  Version,
  VersionChanges,
  Wallet,
  WaysIn,
} from "./types";

type Json<T> = { content: { "application/json": T } };
type Answer<T> = { responses: { 200: Json<T> } };
type Nothing = { responses: { 204: { content: Record<string, never> } } };
type Body<T> = { requestBody: Json<T> };
type InPath<Names extends string> = { parameters: { path: Record<Names, string> } };
type Query<T> = { parameters: { query?: T } };
type Keyed = { parameters: { header: { "Idempotency-Key": string } } };
type Paged = { cursor?: string; limit?: number };

export interface paths {
  "/credit-packs": { get: Answer<CreditPacks> };
  "/workspaces/{id}/credit-orders": {
    get: InPath<"id"> & Query<Paged> & Answer<Page<CreditOrder>>;
    post: InPath<"id"> & Keyed & Body<{ pack: string }> & { responses: { 201: Json<CreditOrder> } };
  };
  "/workspaces/{workspace_id}/wallet": { get: InPath<"workspace_id"> & Answer<Wallet> };
  "/workspaces/{workspace_id}/wallet/journal": {
    get: InPath<"workspace_id"> & Query<Paged> & Answer<Page<JournalEntry>>;
  };
  "/credit-orders/{id}": { get: InPath<"id"> & Answer<CreditOrder> };
  "/credit-orders/{id}/confirm": { post: InPath<"id"> & Body<Paid> & Answer<CreditOrder> };
  "/credit-orders/{id}/refunds": {
    post: InPath<"id"> &
      Keyed &
      Body<Record<string, never>> & { responses: { 202: Json<unknown> } };
  };
  "/me": { get: Answer<Me> };
  "/me/preferences": {
    get: Answer<{ values: Record<string, unknown> }>;
    patch: Body<{ values: Record<string, unknown> }> & Answer<{ values: Record<string, unknown> }>;
  };
  "/me/sessions": { get: Answer<Page<OpenSignIn>>; delete: Nothing };
  "/me/sessions/{session}": { delete: InPath<"session"> & Nothing };
  "/me/password": { post: Body<{ password: string; new_password: string }> & Nothing };
  "/me/data": { get: Answer<unknown> };
  "/me/deletion": { post: Body<{ password: string | null }> & Nothing };
  "/workspaces/{id}/members": {
    get: InPath<"id"> & Answer<Page<Member>>;
    post: InPath<"id"> & Body<NewMember> & { responses: { 201: Json<Member> } };
  };
  "/workspaces/{id}/members/{user}": {
    patch: InPath<"id" | "user"> & Body<{ role: Role }> & Answer<Member>;
    delete: InPath<"id" | "user"> & Nothing;
  };
  "/workspaces/{id}/invites": {
    get: InPath<"id"> & Answer<Page<Invite>>;
    post: InPath<"id"> & Body<NewInvite> & { responses: { 201: Json<Invite> } };
  };
  "/workspaces/{id}/invites/{invite}": { delete: InPath<"id" | "invite"> & Nothing };
  "/workspaces/{id}/tokens": {
    get: InPath<"id"> & Answer<Page<ApiToken>>;
    post: InPath<"id"> & Body<NewToken> & { responses: { 201: Json<ApiToken> } };
  };
  "/workspaces/{id}/tokens/{token}": { delete: InPath<"id" | "token"> & Nothing };
  "/workspaces/{id}/transfer": { post: InPath<"id"> & Body<Transfer> & Nothing };
  "/session/ways": { get: Answer<WaysIn> };
  "/session/openid": { post: Body<OpenIdStart> & Answer<{ url: string }> };
  "/session": { post: Body<SignIn> & Answer<unknown>; delete: Nothing };
  "/password-resets": {
    post: Body<{ email: string }> & { responses: { 202: Json<unknown> } };
  };
  "/password-resets/redeem": {
    post: Body<{ key: string; password: string }> & { responses: { 204: Json<unknown> } };
  };
  "/accounts": {
    post: Body<{ email: string; password: string; name: string }> & {
      responses: { 201: Json<Me> };
    };
  };
  "/projects": {
    get: Query<Paged> & Answer<Page<Project>>;
    post: Body<NewProject> & { responses: { 201: Json<Project> } };
  };
  "/projects/{id}": {
    get: InPath<"id"> & Answer<Project>;
    patch: InPath<"id"> & Body<{ name: string }> & Answer<Project>;
    delete: InPath<"id"> & Nothing;
  };
  "/projects/{id}/versions": {
    get: InPath<"id"> & Query<Paged> & Answer<Page<Version>>;
    post: InPath<"id"> & Body<{ name: string }> & { responses: { 201: Json<Version> } };
  };
  "/projects/{id}/versions/{version}": {
    get: InPath<"id" | "version"> & Answer<TimelineFile>;
    patch: InPath<"id" | "version"> & Body<{ name: string }> & Answer<Version>;
  };
  "/projects/{id}/versions/{version}/changes": {
    get: InPath<"id" | "version"> & Query<{ until?: "version" | "now" }> & Answer<VersionChanges>;
  };
  "/projects/{id}/versions/{version}/restore": {
    post: InPath<"id" | "version"> & Answer<CommandsAnswer>;
  };
  "/projects/{id}/activity": { get: InPath<"id"> & Query<Paged> & Answer<Page<Activity>> };
  "/projects/{id}/people": { get: InPath<"id"> & Answer<Page<ThreadPerson>> };
  "/projects/{id}/comments": {
    get: InPath<"id"> & Query<Paged> & Answer<Page<Thread>>;
    post: InPath<"id"> & Body<NewThread> & { responses: { 201: Json<Thread> } };
  };
  "/projects/{id}/comments/{thread}": {
    patch: InPath<"id" | "thread"> & Body<{ resolved: boolean }> & Answer<Thread>;
  };
  "/projects/{id}/comments/{thread}/replies": {
    post: InPath<"id" | "thread"> & Body<Reply> & { responses: { 201: Json<Thread> } };
  };
  "/projects/{id}/comments/{thread}/replies/{comment}": {
    patch: InPath<"id" | "thread" | "comment"> & Body<Reply> & Answer<Thread>;
    delete: InPath<"id" | "thread" | "comment"> & Nothing;
  };
  "/projects/{id}/commands": {
    post: InPath<"id"> & Body<CommandsRequest> & Answer<CommandsAnswer>;
  };
  "/projects/{id}/share-links": {
    get: InPath<"id"> & Answer<Page<ShareLink>>;
    post: InPath<"id"> & Body<{ role: Role }> & { responses: { 201: Json<ShareLink> } };
  };
  "/projects/{id}/share-links/{link}": { delete: InPath<"id" | "link"> & Nothing };
  "/projects/{id}/exports": {
    get: InPath<"id"> & Query<Paged> & Answer<Page<Export>>;
    post: InPath<"id"> & Keyed & Body<ExportRequest> & { responses: { 202: Json<ExportAccepted> } };
  };
  "/projects/{id}/quotes": {
    post: InPath<"id"> & Body<ExportRequest> & { responses: { 201: Json<Quote> } };
  };
  "/exports/{id}": { get: InPath<"id"> & Answer<Export> };
  "/exports/{id}/cancel": { post: InPath<"id"> & Answer<Export> };
  "/text-images": {
    post: Body<{ images: unknown[] }> & Answer<{ images: TextImage[] }>;
  };
  "/fonts": { get: Answer<Page<{ hash: string }>> };
  "/export-presets": { get: Query<{ project: string }> & Answer<Page<Preset>> };
  "/workspaces/{id}/assets": { get: InPath<"id"> & Query<Paged> & Answer<Page<Asset>> };
  "/assets": { get: { parameters: { query: { ids: string } } } & Answer<Page<Asset>> };
}
