// Templates of shell text: which values they may name, and how a value gets into them without becoming shell.

/** Values that every template may name as `{{value}}`. The Hub token is not among them: it travels in the environment only. */
export const scriptValueNames = [
  "gitRef",
  "weightsRepo",
  "weightsName",
  "examplesRepo",
  "workerId",
  "uploadIntervalSeconds",
] as const;
export type ScriptValueName = (typeof scriptValueNames)[number];

/** A workload's own parameters are values too, each under its name behind this. */
const PARAMETER = "arg.";

/** What templates are filled in with, by name: the values above and `arg.<parameter>`. */
export type TemplateValues = Readonly<Record<string, string>>;

/** The place of the worker's arguments in a start script. */
const ARGUMENTS = "arguments";

/** A value that the shell takes for one plain word as it stands. */
const PLAIN_WORD = /^[A-Za-z0-9_./:=@%+,-]+$/;
const PLACEHOLDER = /\{\{([^{}]{0,64})\}\}/g;

/** The name by which templates know a parameter. */
export function parameterValueName(parameter: string): string {
  return `${PARAMETER}${parameter}`;
}

/** Every name that a template of a workload with these parameters may use. */
export function valueNamesWith(parameters: readonly string[]): readonly string[] {
  return [...scriptValueNames, ...parameters.map(parameterValueName)];
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
export function scriptProblem(template: string, parameters: readonly string[]): string | null {
  const names = valueNamesWith(parameters);
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [text, name = ""] = match;
    if (name !== ARGUMENTS && !names.includes(name)) return unknownName(name, names);
    const before = template[match.index - 1] ?? "\n";
    const after = template[match.index + text.length] ?? "\n";
    if (!/[\s=]/.test(before) || !/[\s;)]/.test(after)) return `${text} must stand bare, between blanks`;
  }
  return null;
}

/** Why a text cannot be an argument of the worker, in words; `null` when it can. */
export function argumentProblem(template: string, parameters: readonly string[]): string | null {
  const names = valueNamesWith(parameters);
  const used = Array.from(template.matchAll(PLACEHOLDER), ([, name = ""]) => name);
  const unknown = used.find((name) => !names.includes(name));
  return unknown === undefined ? null : unknownName(unknown, names);
}

/** A start script with values and arguments filled in, each as one shell word. Only for texts without a problem. */
export function fillScript(template: string, argumentTemplates: readonly string[], values: TemplateValues): string {
  const words = argumentTemplates.map((each) => shellQuote(fillArgument(each, values)));
  return template.replaceAll(PLACEHOLDER, (match, name: string) => {
    if (name === ARGUMENTS) return words.join(" ");
    const value = valueOf(values, name);
    return value === undefined ? match : shellQuote(value);
  });
}

function fillArgument(template: string, values: TemplateValues): string {
  return template.replaceAll(PLACEHOLDER, (match, name: string) => valueOf(values, name) ?? match);
}

function valueOf(values: TemplateValues, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function unknownName(name: string, names: readonly string[]): string {
  return `{{${name}}} is not a value; there are ${[...names, ARGUMENTS].join(", ")} (arguments in a start script only)`;
}
