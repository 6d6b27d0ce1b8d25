/**
 * Proves at compile time that our bodies are what the server says: `schema.d.ts` is written from its
 * OpenAPI. A difference is a type error here, named by the body.
 */
import type { components } from "./schema";
import type {
  Activity,
  ApiToken,
  Asset,
  CommandsAnswer,
  CommandsRequest,
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
  Preset,
  Project,
  Quote,
  Reply,
  ShareLink,
  TextImage,
  Thread,
  ThreadPerson,
  Transfer,
  Version,
  VersionChanges,
  Wallet,
  WaysIn,
} from "./types";

type Server = components["schemas"];

/** What the server answers can be read as ours. */
type Answers<Theirs extends Ours, Ours> = Theirs;
/** What we send is what the server takes; what it has a default for may be left out. */
type Takes<Ours extends Partial<Theirs>, Theirs> = Ours;

export type Checked = [
  Answers<Server["Me"], Me>,
  Answers<Server["WaysIn"], WaysIn>,
  Takes<OpenIdStart, Server["OpenIdRequest"]>,
  Answers<Server["ProjectView"], Project>,
  Answers<Server["ProjectList"], Page<Project>>,
  Answers<Server["AssetView"], Asset>,
  Answers<Server["AssetList"], Page<Asset>>,
  Answers<Server["ExportView"], Export>,
  Answers<Server["ExportView"], ExportAccepted>,
  Answers<Server["ExportList"], Page<Export>>,
  Answers<Server["PresetList"], Page<Preset>>,
  Answers<Server["ShareLinkView"], ShareLink>,
  Answers<Server["EditView"], CommandsAnswer>,
  Answers<Server["TextImageView"], TextImage>,
  Answers<Server["ThreadView"], Thread>,
  Answers<Server["ThreadList"], Page<Thread>>,
  Answers<Server["PeopleList"], Page<ThreadPerson>>,
  Answers<Server["VersionView"], Version>,
  Answers<Server["VersionList"], Page<Version>>,
  Answers<Server["VersionChanges"], VersionChanges>,
  Answers<Server["ActivityList"], Page<Activity>>,
  Answers<Server["WalletView"], Wallet>,
  Answers<Server["JournalList"], Page<JournalEntry>>,
  Answers<Server["QuoteView"], Quote>,
  Answers<Server["SignInList"], Page<OpenSignIn>>,
  Answers<Server["MemberList"], Page<Member>>,
  Answers<Server["InviteList"], Page<Invite>>,
  Answers<Server["TokenList"], Page<ApiToken>>,
  Takes<NewMember, Server["MemberRequest"]>,
  Takes<NewInvite, Server["InviteRequest"]>,
  Takes<NewToken, Server["TokenRequest"]>,
  Takes<Transfer, Server["TransferRequest"]>,
  Takes<NewThread, Server["ThreadRequest"]>,
  Takes<Reply, Server["ReplyRequest"]>,
  Takes<NewProject, Server["ProjectRequest"]>,
  Takes<ExportRequest, Server["ExportRequest"]>,
  Takes<Omit<CommandsRequest, "commands">, Server["CommandsRequest"]>,
];
