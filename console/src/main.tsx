import { render } from "preact";
import { App } from "./app.tsx";
import { applyTheme, followTheme, keptTheme } from "./session/theme.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/layout.css";

applyTheme(keptTheme());
followTheme();
const root = document.getElementById("console");
if (root !== null) render(<App />, root);
