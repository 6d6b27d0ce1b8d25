/** Addresses to pages. Secrets come in the fragment and leave the address before anything is shown. */

import { Compass } from "lucide-react";
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/states";
import { say } from "@/lib/messages/screens";
import { Opening } from "./opening";
import { SignedIn } from "./signed-in";

const fetchEditor = () => import("./editor-page");
// Asked for before it is drawn, so that it comes along with who is signed in and what is opened.
if (window.location.pathname.startsWith("/p/")) fetchEditor().catch(() => undefined);

const EditorPage = lazy(() => fetchEditor().then((module) => ({ default: module.EditorPage })));
const HistoryPage = lazy(() =>
  import("./history-page").then((module) => ({ default: module.HistoryPage })),
);
const CreditsPage = lazy(() =>
  import("./credits-page").then((module) => ({ default: module.CreditsPage })),
);
const AccountPage = lazy(() =>
  import("./account-page").then((module) => ({ default: module.AccountPage })),
);
const WorkspacePage = lazy(() =>
  import("./workspace-page").then((module) => ({ default: module.WorkspacePage })),
);
const HomePage = lazy(() => import("./home-page").then((module) => ({ default: module.HomePage })));
const NewPage = lazy(() => import("./home-page").then((module) => ({ default: module.NewPage })));
const SignInPage = lazy(() =>
  import("./sign-in-page").then((module) => ({ default: module.SignInPage })),
);
const SharePage = lazy(() =>
  import("./sign-in-page").then((module) => ({ default: module.SharePage })),
);
const ResetPage = lazy(() =>
  import("./sign-in-page").then((module) => ({ default: module.ResetPage })),
);
const ForgotPage = lazy(() =>
  import("./forgot-page").then((module) => ({ default: module.ForgotPage })),
);
const JoinPage = lazy(() =>
  import("./sign-in-page").then((module) => ({ default: module.JoinPage })),
);

export const Routes = () => (
  <Suspense fallback={<Opening />}>
    <Switch>
      <Route path="/signin">
        <SignInPage />
      </Route>
      <Route path="/share">
        <SharePage />
      </Route>
      <Route path="/forgot">
        <ForgotPage />
      </Route>
      <Route path="/reset">
        <ResetPage />
      </Route>
      <Route path="/join">
        <JoinPage />
      </Route>
      <Route path="/">
        <SignedIn>
          <HomePage />
        </SignedIn>
      </Route>
      <Route path="/projects">
        <Redirect to="/?list" />
      </Route>
      <Route path="/new">
        <SignedIn>
          <NewPage />
        </SignedIn>
      </Route>
      <Route path="/account">
        <SignedIn>
          <AccountPage />
        </SignedIn>
      </Route>
      <Route path="/w/:workspace">
        {({ workspace }) => (
          <SignedIn>
            <WorkspacePage key={workspace} workspace={workspace} />
          </SignedIn>
        )}
      </Route>
      <Route path="/w/:workspace/credits">
        {({ workspace }) => (
          <SignedIn>
            <CreditsPage key={workspace} workspace={workspace} />
          </SignedIn>
        )}
      </Route>
      <Route path="/p/:project/history">
        {({ project }) => (
          <SignedIn>
            <HistoryPage key={project} project={project} />
          </SignedIn>
        )}
      </Route>
      <Route path="/p/:project/:part?">
        {({ project, part }) => (
          <SignedIn>
            <EditorPage key={project} project={project} part={part} />
          </SignedIn>
        )}
      </Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  </Suspense>
);

const NotFound = () => {
  const [, navigate] = useLocation();
  return (
    <main className="flex min-h-dvh">
      <Empty
        icon={Compass}
        title={say.app.notFound}
        action={<Button onClick={() => navigate("/?list")}>{say.app.toProjects}</Button>}
      />
    </main>
  );
};
