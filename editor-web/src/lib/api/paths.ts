/** The calls the editor makes, in the shape that openapi-fetch reads. */
import type {
  Asset,
  CommandsAnswer,
  CommandsRequest,
  Export,
  ExportAccepted,
  ExportRequest,
  Me,
  NewProject,
  Page,
  Preset,
  Project,
  Role,
  ShareLink,
  SignIn,
  TextImage,
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
  "/me": { get: Answer<Me> };
  "/session": { post: Body<SignIn> & Answer<unknown>; delete: Nothing };
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
  "/exports/{id}": { get: InPath<"id"> & Answer<Export> };
  "/exports/{id}/cancel": { post: InPath<"id"> & Answer<Export> };
  "/text-images": {
    post: Body<{ images: unknown[] }> & Answer<{ images: TextImage[] }>;
  };
  "/fonts": { get: Answer<Page<{ hash: string }>> };
  "/export-presets": { get: Answer<Page<Preset>> };
  "/workspaces/{id}/assets": { get: InPath<"id"> & Query<Paged> & Answer<Page<Asset>> };
  "/assets": { get: { parameters: { query: { ids: string } } } & Answer<Page<Asset>> };
}
