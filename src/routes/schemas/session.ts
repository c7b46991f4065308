// Who is logged in, as answers show it.

import { z } from "zod";
import type { SessionDocument } from "../session.ts";
import { instantText, oneOf, schemaOf } from "./schema-of.ts";

export const sessionSchema = schemaOf<SessionDocument>()(
  "Session",
  {
    role: oneOf<SessionDocument["role"]>()("admin", "viewer"),
    name: z.string().meta({ description: "Of the token, or of the person" }),
    via: oneOf<SessionDocument["via"]>()("token", "session", "access"),
    expiresAt: instantText.nullable().meta({ description: "`null`: a token by itself has no end" }),
  },
  {
    about: "Who asks, and until when",
    example: { role: "viewer", name: "viewer", via: "session", expiresAt: "2026-11-24T06:00:00.000Z" },
  },
);
