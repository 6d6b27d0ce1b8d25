import "./tokens.css";
import "./controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { envOf } from "@/lib/env";
import { speak } from "@/lib/messages/speak";
import { usePreferences } from "@/lib/preferences";
import { createServices } from "@/lib/services";
import { followTheme } from "@/lib/theme";
import { App } from "./app";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const services = createServices(envOf(window.location));
followTheme();
speak(usePreferences.getState().values.language)
  .catch(() => undefined) // the words could not be fetched: the page speaks English
  .finally(() =>
    createRoot(root).render(
      <StrictMode>
        <App services={services} />
      </StrictMode>,
    ),
  );
