// The deployment's own tokens: several per role, each with a name, so that one can be changed while another still works
// and the history says whose write it was.

export type Role = "admin" | "viewer";

export interface NamedToken {
  readonly role: Role;
  /** Goes into the history; never empty. */
  readonly name: string;
  readonly token: string;
}

/** A shorter admin or viewer token counts as unset (design §6). */
const TOKEN_LENGTH_MIN = 16;

const NAMED = /^([A-Za-z0-9][\w.-]{0,31}):(.*)$/s;
const VARIABLES = { admin: "ADMIN_TOKEN", viewer: "VIEWER_TOKEN" } as const;

/**
 * The tokens of both variables: `token`, or several with commas between, each `name:token` or bare. What cannot be used is
 * left out, and `problems` says why without showing it. A token that stands twice counts where it stands first, and an
 * admin's stands before any viewer's: a reader must not be able to change things.
 */
export function readTokens(given: Readonly<Record<Role, string | null>>, problems: string[]): readonly NamedToken[] {
  const tokens: NamedToken[] = [];
  for (const role of ["admin", "viewer"] as const) {
    const parts = (given[role] ?? "").split(",").map((part) => part.trim());
    const isAlone = parts.length === 1;
    for (const [index, part] of parts.entries()) {
      if (part === "") continue;
      const named = NAMED.exec(part);
      const name = named?.[1] ?? (index === 0 ? role : `${role}-${index + 1}`);
      const token = (named?.[2] ?? part).trim();
      const problem = problemOf({ role, name, token }, tokens, isAlone && named === null);
      if (problem === null) tokens.push({ role, name, token });
      else problems.push(problem);
    }
  }
  return tokens;
}

function problemOf(
  { role, name, token }: NamedToken,
  known: readonly NamedToken[],
  isBareAlone: boolean,
): string | null {
  const which = isBareAlone ? VARIABLES[role] : `${VARIABLES[role]} (${name})`;
  if (token.length < TOKEN_LENGTH_MIN)
    return `${which} is shorter than ${TOKEN_LENGTH_MIN} characters and counts as unset`;
  if (!/^[\x21-\x7e]+$/.test(token))
    return `${which} contains spaces or characters that no header can carry and counts as unset`;
  const twin = known.find((other) => other.token === token);
  if (twin?.role === "admin" && role === "viewer")
    return `${which} is the same as ADMIN_TOKEN and counts as unset: a reader could change things`;
  if (twin !== undefined) return `${which} is the same token as ${twin.name}'s and counts as unset`;
  if (known.some((other) => other.name === name))
    return `${which} has the name of another token and counts as unset: the history could not tell them apart`;
  return null;
}
