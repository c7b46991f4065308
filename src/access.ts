// Cloudflare Access as a way in, where the owner has put it before the deployment: which team, which application, and who
// of those it lets through may do what.

import type { Role } from "./tokens.ts";

export interface AccessTerms {
  /** Issuer of the tokens, and where their keys are: `https://<team>.cloudflareaccess.com`. */
  readonly teamUrl: string;
  /** Application audience tags; a token for another application of the team is refused. */
  readonly audiences: readonly string[];
  /** Lower case: `a@example.com`, or `@example.com` for all of a domain. */
  readonly emails: Readonly<Record<Role, readonly string[]>>;
}

interface AccessVariables {
  readonly team: string | null;
  readonly audience: string | null;
  readonly admins: string | null;
  readonly viewers: string | null;
}

const EMAIL = /^[^@\s,]*@[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** `null` where Access is not used, or not wholly said; `problems` says what is missing. */
export function readAccess(
  { team, audience, admins, viewers }: AccessVariables,
  problems: string[],
): AccessTerms | null {
  if ([team, audience, admins, viewers].every((value) => value === null)) return null;
  const teamUrl = team === null ? null : teamUrlOf(team);
  const audiences = listOf(audience);
  const emails = { admin: listOf(admins?.toLowerCase()), viewer: listOf(viewers?.toLowerCase()) };
  const faults = [
    ...(teamUrl === null ? ["ACCESS_TEAM_DOMAIN must be the team's domain, such as my-team.cloudflareaccess.com"] : []),
    ...(audiences.length === 0 ? ["ACCESS_AUD must be the audience tag of the Access application"] : []),
    ...(emails.admin.length + emails.viewer.length === 0 ? ["ACCESS_ADMINS or ACCESS_VIEWERS must name somebody"] : []),
    ...badEmails("ACCESS_ADMINS", emails.admin),
    ...badEmails("ACCESS_VIEWERS", emails.viewer),
  ];
  problems.push(...faults.map((fault) => `${fault}; Cloudflare Access lets nobody in`));
  return teamUrl === null || faults.length > 0 ? null : { teamUrl, audiences, emails };
}

/** The most that this person may do; `null`: nothing. */
export function roleOfEmail(email: string, { emails }: AccessTerms): Role | null {
  const given = email.toLowerCase();
  const domain = given.slice(given.lastIndexOf("@"));
  const isIn = (list: readonly string[]): boolean => list.includes(given) || list.includes(domain);
  if (isIn(emails.admin)) return "admin";
  return isIn(emails.viewer) ? "viewer" : null;
}

function teamUrlOf(text: string): string | null {
  const url = text.includes("://") ? text : `https://${text}`;
  if (!URL.canParse(url)) return null;
  const { protocol, origin, pathname, search, hostname } = new URL(url);
  const isPlain = pathname === "/" && search === "" && hostname.includes(".");
  return protocol === "https:" && isPlain ? origin : null;
}

function listOf(text: string | null | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function badEmails(variable: string, emails: readonly string[]): readonly string[] {
  return emails.every((email) => EMAIL.test(email))
    ? []
    : [`${variable} takes addresses and @domains, with commas between`];
}
