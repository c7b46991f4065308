// Every guard that protects a promise of design §8, each with what fails without it.

import { endingGuards } from "./ending.ts";
import type { Guard } from "./guard.ts";
import { observingGuards } from "./observing.ts";
import { rentingGuards } from "./renting.ts";
import { watchingGuards } from "./watching.ts";

export const guards: readonly Guard[] = [...observingGuards, ...rentingGuards, ...endingGuards, ...watchingGuards];
