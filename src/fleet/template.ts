// Templates of shell text: which values they may name, and how a value gets into them without becoming shell.

/** Values that a start script or an argument may name as `{{value}}`. The Hub token is not among them: it travels in the environment only. */
export const scriptValueNames = [
  "gitRef",
  "weightsRepo",
  "weightsName",
  "examplesRepo",
  "workerId",
  "uploadIntervalSeconds",
] as const;
export type ScriptValueName = (typeof scriptValueNames)[number];

/** The place of the worker's arguments in a start script. */
const ARGUMENTS = "arguments";

/** A value that the shell takes for one plain word as it stands. */
const PLAIN_WORD = /^[A-Za-z0-9_./:=@%+,-]+$/;
const PLACEHOLDER = /\{\{([^{}]{0,64})\}\}/g;

function isValueName(name: string): name is ScriptValueName {
  return scriptValueNames.some((each) => each === name);
}

/** The text as one word of a POSIX shell, whatever is in it. */
export function shellQuote(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Why a text cannot be a start script, in words; `null` when it can. A placeholder stands bare between blanks, since
 * it is filled in with its own quotes, which the template's quotes would undo. Known gap: a placeholder between
 * blanks inside quotes or a here-document is not noticed; the author of a workload is trusted with the shell.
 */
export function scriptProblem(template: string): string | null {
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [text, name = ""] = match;
    if (name !== ARGUMENTS && !isValueName(name)) return unknownName(name);
    const before = template[match.index - 1] ?? "\n";
    const after = template[match.index + text.length] ?? "\n";
    if (!/[\s=]/.test(before) || !/[\s;)]/.test(after)) return `${text} must stand bare, between blanks`;
  }
  return null;
}

/** Why a text cannot be an argument of the worker, in words; `null` when it can. */
export function argumentProblem(template: string): string | null {
  const name = Array.from(template.matchAll(PLACEHOLDER), ([, each = ""]) => each).find((each) => !isValueName(each));
  return name === undefined ? null : unknownName(name);
}

/** A start script with values and arguments filled in, each as one shell word. Only for texts without a problem. */
export function fillScript(
  template: string,
  argumentTemplates: readonly string[],
  values: Readonly<Record<ScriptValueName, string>>,
): string {
  const words = argumentTemplates.map((each) => shellQuote(fillArgument(each, values)));
  return template.replaceAll(PLACEHOLDER, (match, name: string) => {
    if (name === ARGUMENTS) return words.join(" ");
    return isValueName(name) ? shellQuote(values[name]) : match;
  });
}

function fillArgument(template: string, values: Readonly<Record<ScriptValueName, string>>): string {
  return template.replaceAll(PLACEHOLDER, (match, name: string) => (isValueName(name) ? values[name] : match));
}

function unknownName(name: string): string {
  return `{{${name}}} is not a value; there are ${[...scriptValueNames, ARGUMENTS].join(", ")} (arguments in a start script only)`;
}
