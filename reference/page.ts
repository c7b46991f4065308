// The page `/docs`: gets the OpenAPI document as somebody who may read it, and gives it to Scalar.

interface ScalarGlobal {
  createApiReference(target: string, configuration: Readonly<Record<string, unknown>>): unknown;
}

declare const Scalar: ScalarGlobal;

const DOCUMENT = "/openapi.json";

const form = must(document.querySelector<HTMLFormElement>("#ask"));
const field = must(document.querySelector<HTMLInputElement>("input"));
const said = must(document.querySelector<HTMLElement>("[role=alert]"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void enter(field.value.trim());
});
void begin();

/** Whoever has a session in this browser needs no token here. */
async function begin(): Promise<void> {
  const content = await read(null);
  if (content === null) form.hidden = false;
  else show(content, null);
}

async function enter(token: string): Promise<void> {
  said.textContent = "";
  const content = await read(token);
  if (content === null) return;
  field.value = "";
  form.hidden = true;
  show(content, token);
}

/** The document, or `null` where the keeper refuses it; why stands on the page. */
async function read(token: string | null): Promise<unknown> {
  try {
    const answer = await fetch(DOCUMENT, { headers: token === null ? {} : { Authorization: `Bearer ${token}` } });
    const body: unknown = await answer.json();
    if (answer.ok) return body;
    const { title, detail } = body as { readonly title?: string; readonly detail?: string };
    if (token !== null || answer.status !== 401) said.textContent = `${title ?? answer.status}: ${detail ?? ""}`;
  } catch (error) {
    said.textContent = `The keeper does not answer: ${String(error)}`;
  }
  return null;
}

/** The token is in Scalar's memory only, so that doors can be tried from the page. */
function show(content: unknown, token: string | null): void {
  Scalar.createApiReference("#reference", {
    content,
    authentication: {
      preferredSecurityScheme: "token",
      ...(token === null ? {} : { securitySchemes: { token: { token } } }),
    },
    persistAuth: false,
    // Nothing leaves this deployment: no fonts, no telemetry, no proxy, no services of Scalar's.
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    hideClientButton: true,
    showDeveloperTools: "never",
  });
}

function must<T>(value: T | null): T {
  if (value === null) throw new Error("the page is not as it was served");
  return value;
}
