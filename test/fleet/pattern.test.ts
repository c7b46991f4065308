import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePattern, patternProblem } from "../../src/fleet/pattern.ts";

describe("a pattern", () => {
  it.each([
    "foo",
    "^foo$",
    "^.*foo bar",
    "^[0-9]+x",
    "^[^\\]]*\\] batch (?<batch>[0-9]{1,9})",
    "(?:a|b|c)?d",
    "\\bKilled\\b",
    "x{3}y{2,5}?",
    "^a{2,}",
    "[a-zA-Z_.+-]",
    "[^\\s\\]-]",
    "(a(b(c)?)?)?",
    "é|ü",
    "a\\tb \\$ \\/",
  ])("may be %s", (source) => {
    expect(patternProblem(source)).toBeNull();
    expect(() => compilePattern(source)).not.toThrow();
  });

  it.each([
    ["", "1 to 400 characters"],
    ["a".repeat(401), "1 to 400 characters"],
    ["(a+)+", "cannot be repeated"],
    ["(a|a)*", "cannot be repeated"],
    ["(a){2}", "cannot be repeated"],
    ["(a)\\1", "backreferences"],
    ["(?<n>a)\\k<n>", "backreferences"],
    ["a(?=b)", "lookaround"],
    ["a(?!b)", "lookaround"],
    ["(?<=a)b", "lookaround"],
    ["(?<!a)b", "lookaround"],
    ["(?i:a)", "inline flags"],
    ["a^b", "^ stands only at the beginning"],
    ["^a|b", "put the alternatives in a group"],
    ["[a", "without its ]"],
    ["(a", "without its )"],
    ["(?<a", "without its )"],
    ["a)", "without its ("],
    ["*a", "a bare *"],
    ["a**", "a bare *"],
    ["a{", "a repeat is"],
    ["a{5,2}", "a repeat is"],
    ["a{1,3000}", "a repeat is"],
    ["\\p{L}", "not allowed"],
    ["\\", "not allowed"],
    ["[\\b]", "not allowed"],
    ["[z-a]", "not a regular expression"],
    ["(?<a>x)(?<a>y)", "not a regular expression"],
    ["((((((a))))))", "more than five deep"],
    ["[0-9]+x", "too costly"],
    ["a.*b", "too costly"],
    ["^.*a.*b", "too costly"],
    [`^${"(?:a|ab)?".repeat(20)}`, "too costly"],
  ])("may not be %j: %s", (source, problem) => {
    expect(patternProblem(source)).toContain(problem);
  });

  const character = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "\\d", "\\w", "x", " ");
  const repeat = fc.constantFrom("", "", "", "*", "+", "?", "{0,9}", "{2,}", "*?", "{1,200}");
  const atom = fc.tuple(character, repeat).map((parts) => parts.join(""));
  const group = fc
    .tuple(fc.array(atom, { minLength: 1, maxLength: 3 }), fc.constantFrom("|", ""), fc.constantFrom("", "?"))
    .map(([atoms, joint, optional]) => `(?:${atoms.join(joint)})${optional}`);
  const pattern = fc
    .tuple(
      fc.constantFrom("", "^"),
      fc.array(fc.oneof(atom, group), { minLength: 1, maxLength: 6 }),
      fc.constantFrom("", "$", "x"),
    )
    .map(([start, parts, end]) => start + parts.join("") + end);
  const hostile = fc
    .tuple(fc.constantFrom("a", "b", "ab", "aab", "1", "a ", "é"), fc.constantFrom("", "!", "x"))
    .map(([unit, end]) => unit.repeat(2000 / unit.length).slice(0, 1999) + end);

  it("that is accepted is quick on any line of 2,000 characters", () => {
    fc.assert(
      fc.property(pattern, fc.array(hostile, { minLength: 1, maxLength: 3 }), (source, lines) => {
        fc.pre(patternProblem(source) === null);
        const compiled = compilePattern(source);
        const before = performance.now();
        for (const line of lines) compiled.test(line);
        expect(performance.now() - before).toBeLessThan(200);
      }),
      { numRuns: 2000 },
    );
  });

  it("is judged whatever the text", () => {
    const piece = fc.oneof(
      fc.constantFrom(...Array.from("()[]{}?*+|^$\\.<>:=!-,09ab")),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const source = pieces.join("");
        fc.pre(patternProblem(source) === null);
        expect(() => compilePattern(source)).not.toThrow();
      }),
      { numRuns: 3000 },
    );
  });
});
