// Patterns of a workload's log vocabulary: a subset of regular expressions whose cost on any line can be bounded
// beforehand, so that a log line from a stranger's machine cannot hang the keeper (design §5).
//
// The subset: characters, classes, `.`, `\d \w \s \b` and their opposites, `^` first, `$` last, groups with
// alternatives, `?` on anything, `* + {m,n}` on one character or class. Not in it: repeats of groups (hence no nested
// repeats), backreferences, lookaround. What is left can still be quadratic (`^.*a.*b`, or `[0-9]+x` without `^`), so
// the steps of the worst line are counted from the pattern itself and limited.

import { LINE_LIMIT } from "./log-text.ts";

/** Longest pattern in characters; room for the progress line of a talkative worker. */
const SOURCE_LIMIT = 400;

/** Most steps for one pattern on one line: half a million take about a millisecond. */
const STEP_LIMIT = 500_000;

/** A vocabulary has some fifty, and every log is read with all of them. */
const COMPILED_LIMIT = 1000;
const compiled = new Map<string, RegExp>();

/** The matcher of a pattern that `patternProblem` accepts. Lines are cut to `LINE_LIMIT` first (`log-text.ts`). */
export function compilePattern(source: string): RegExp {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const made = new RegExp(source, "u");
  if (compiled.size >= COMPILED_LIMIT) compiled.clear();
  compiled.set(source, made);
  return made;
}

/** Why a text cannot be a pattern, in words; `null` when it can. */
export function patternProblem(source: string): string | null {
  if (source.length === 0 || source.length > SOURCE_LIMIT) return `a pattern has 1 to ${SOURCE_LIMIT} characters`;
  const isAnchored = source.startsWith("^");
  const parser = new PatternParser(isAnchored ? source.slice(1) : source);
  const body = parser.parseAll();
  if (body === null) return parser.problem;
  if (isAnchored && body.length > 1) return "^ holds for the first alternative only: put the alternatives in a group";
  try {
    compilePattern(source);
  } catch {
    return "not a regular expression (Unicode mode)";
  }
  const steps = weighChoice(body, false, END).steps * (isAnchored ? 1 : LINE_LIMIT);
  if (steps <= STEP_LIMIT) return null;
  return `too costly: up to ${steps} steps a line, ${STEP_LIMIT} allowed; begin with ^, or give repeats an upper bound or an end that they cannot run over`;
}

/** Which characters: bits 0 to 127 are ASCII, bit 128 stands for all others. */
type CharacterSet = bigint;

type Item =
  | { readonly kind: "characters"; readonly set: CharacterSet; readonly min: number; readonly max: number }
  | { readonly kind: "edge"; readonly isEnd: boolean }
  | { readonly kind: "group"; readonly choices: Choices; readonly isOptional: boolean };
type Choices = readonly (readonly Item[])[];

const EVERY: CharacterSet = (1n << 129n) - 1n;
const OTHER: CharacterSet = 1n << 128n;
const DIGIT = range("0", "9");
const WORD = DIGIT | range("a", "z") | range("A", "Z") | one("_");
const SPACE = range("\t", "\r") | one(" ") | OTHER;
const ESCAPED_SETS: Readonly<Record<string, CharacterSet>> = {
  d: DIGIT,
  D: EVERY & ~DIGIT,
  w: WORD,
  W: EVERY & ~WORD,
  s: SPACE,
  S: EVERY & ~(SPACE & ~OTHER),
  t: one("\t"),
};
const ESCAPABLE = "^$\\.*+?()[]{}|/-";

function one(character: string): CharacterSet {
  const code = character.codePointAt(0) ?? 0;
  return code < 128 ? 1n << BigInt(code) : OTHER;
}

function range(from: string, to: string): CharacterSet {
  const [low, high] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
  let set = high > 127 ? OTHER : 0n;
  for (let code = low; code <= Math.min(high, 127); code += 1) set |= 1n << BigInt(code);
  return set;
}

/** What stands behind a place of the pattern: its steps for one arrival, and the characters it can begin with. */
interface Rest {
  readonly steps: number;
  readonly first: CharacterSet;
}

const END: Rest = { steps: 1, first: 0n };

function weighChoice(choices: Choices, isOptional: boolean, rest: Rest): Rest {
  const branches = choices.map((sequence) => sequence.reduceRight(weighItem, rest));
  if (isOptional) branches.push(rest);
  const first = branches.reduce((all, branch) => all | branch.first, 0n);
  const isDisjoint = branches.every((branch, index) =>
    branches.slice(index + 1).every((later) => (branch.first & later.first) === 0n),
  );
  const steps = branches.map((branch) => branch.steps);
  const total = isDisjoint ? Math.max(...steps) + steps.length : steps.reduce((sum, each) => sum + each, 0);
  return { steps: total, first };
}

function weighItem(rest: Rest, item: Item): Rest {
  if (item.kind === "edge") return { steps: rest.steps + 1, first: item.isEnd ? 0n : rest.first };
  if (item.kind === "group") return weighChoice(item.choices, item.isOptional, rest);
  const { set, min, max } = item;
  const first = min === 0 ? set | rest.first : set;
  // A repeat that the next character ends has one possible length; any other is tried at every length.
  const lengths = min === max || (set & rest.first) === 0n ? 1 : max - min + 1;
  return { steps: max + lengths * rest.steps, first };
}

/** One pass over a pattern without its leading `^`. `problem` says why `parseAll` gave `null`. */
class PatternParser {
  problem = "";
  readonly #characters: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#characters = Array.from(source);
  }

  parseAll(): Choices | null {
    const choices = this.#parseChoices(0);
    if (choices === null) return null;
    return this.#at === this.#characters.length ? choices : this.#refuse("a ) without its (");
  }

  #refuse(problem: string): null {
    this.problem = problem;
    return null;
  }

  #takes(text: string): boolean {
    const isNext = Array.from(text).every((character, index) => this.#characters[this.#at + index] === character);
    if (isNext) this.#at += text.length;
    return isNext;
  }

  #parseChoices(depth: number): Choices | null {
    if (depth > 5) return this.#refuse("groups more than five deep");
    const choices: Item[][] = [[]];
    for (;;) {
      const character = this.#characters[this.#at];
      if (character === undefined || character === ")") return choices;
      if (this.#takes("|")) choices.push([]);
      else {
        const item = this.#parseItem(depth);
        if (item === null) return null;
        choices.at(-1)?.push(item);
      }
    }
  }

  #parseItem(depth: number): Item | null {
    if (this.#takes("^")) return this.#refuse("^ stands only at the beginning");
    if (this.#takes("$")) return { kind: "edge", isEnd: true };
    if (this.#takes("\\b")) return { kind: "edge", isEnd: false };
    if (this.#takes("(")) return this.#parseGroup(depth);
    const set = this.#parseSet();
    return set === null ? null : this.#parseRepeat(set);
  }

  #parseGroup(depth: number): Item | null {
    if (this.#takes("?")) {
      if (this.#takes("<")) {
        if (this.#characters[this.#at] === "=" || this.#characters[this.#at] === "!")
          return this.#refuse("lookaround is not allowed");
        while (this.#characters[this.#at] !== ">" && this.#at < this.#characters.length) this.#at += 1;
        this.#at += 1;
      } else if (!this.#takes(":")) return this.#refuse("lookaround and inline flags are not allowed");
    }
    const choices = this.#parseChoices(depth + 1);
    if (choices === null) return null;
    if (!this.#takes(")")) return this.#refuse("a ( without its )");
    const isOptional = this.#takes("?");
    const next = this.#characters[this.#at];
    if (next === "*" || next === "+" || next === "{")
      return this.#refuse("a group cannot be repeated, only made optional with ?");
    return { kind: "group", choices, isOptional };
  }

  #parseRepeat(set: CharacterSet): Item | null {
    const repeat = this.#parseBounds();
    if (repeat === null) return null;
    // A lazy repeat costs what a greedy one costs.
    if (repeat.isRepeat) this.#takes("?");
    return { kind: "characters", set, min: repeat.min, max: repeat.max };
  }

  #parseBounds(): { readonly min: number; readonly max: number; readonly isRepeat: boolean } | null {
    if (this.#takes("*")) return { min: 0, max: LINE_LIMIT, isRepeat: true };
    if (this.#takes("+")) return { min: 1, max: LINE_LIMIT, isRepeat: true };
    if (this.#takes("?")) return { min: 0, max: 1, isRepeat: true };
    if (this.#characters[this.#at] !== "{") return { min: 1, max: 1, isRepeat: false };
    const match = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#characters.slice(this.#at, this.#at + 12).join(""));
    const [all = "", low = "", comma = "", high = ""] = match ?? [];
    const min = Number(low);
    const max = high === "" ? (comma === "" ? min : LINE_LIMIT) : Number(high);
    if (match === null || min > max || max > LINE_LIMIT)
      return this.#refuse("a repeat is {m}, {m,} or {m,n}, up to the length of a line");
    this.#at += all.length;
    return { min, max, isRepeat: true };
  }

  #parseSet(): CharacterSet | null {
    if (this.#takes("[")) return this.#parseClass();
    const character = this.#characters[this.#at] ?? "";
    this.#at += 1;
    if (character === ".") return EVERY;
    if (character === "\\") return this.#parseEscape();
    if ("*+?{}]".includes(character)) return this.#refuse(`a bare ${character}: put a \\ before it`);
    return one(character);
  }

  #parseEscape(): CharacterSet | null {
    const character = this.#characters[this.#at] ?? "";
    this.#at += 1;
    if (Object.hasOwn(ESCAPED_SETS, character)) return ESCAPED_SETS[character] ?? EVERY;
    if (/[1-9k]/.test(character)) return this.#refuse("backreferences are not allowed");
    return character !== "" && ESCAPABLE.includes(character)
      ? one(character)
      : this.#refuse(`the escape \\${character} is not allowed`);
  }

  #parseClass(): CharacterSet | null {
    const isNegated = this.#takes("^");
    let set = 0n;
    while (!this.#takes("]")) {
      const from = this.#characters[this.#at];
      if (from === undefined) return this.#refuse("a [ without its ]");
      const single = this.#parseClassMember();
      if (single === null) return null;
      const to = this.#characters[this.#at + 1];
      const isRange = this.#characters[this.#at] === "-" && to !== undefined && to !== "]";
      if (isRange) {
        if (from === "\\" || to === "\\") return this.#refuse("a range in a class runs between two plain characters");
        this.#at += 2;
        set |= range(from, to);
      } else set |= single;
    }
    return isNegated ? EVERY & ~(set & ~OTHER) : set;
  }

  #parseClassMember(): CharacterSet | null {
    const character = this.#characters[this.#at] ?? "";
    this.#at += 1;
    return character === "\\" ? this.#parseEscape() : one(character);
  }
}
