// Starts the dashboard.

import { render } from "preact";
import { resumeSession } from "./api/session.ts";
import { App } from "./app.tsx";
import { askEarly, keepListening } from "./data/live.ts";
import { followLinks } from "./router.ts";

const place = document.getElementById("app");
if (place === null) throw new Error("the page has no place for the app");

followLinks();
void resumeSession();
askEarly();
keepListening();
render(<App />, place);
