import "./tokens.css";
import "./controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { envOf } from "@/lib/env";
import { createServices } from "@/lib/services";
import { App } from "./app";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const services = createServices(envOf(window.location));
createRoot(root).render(
  <StrictMode>
    <App services={services} />
  </StrictMode>,
);
