import { describe, expect, it } from "vitest";
import { cleanLine, lineKind, logLines, pieces } from "../../dashboard/src/view/log-lines.ts";

describe("a line of a stranger's log", () => {
  it.each([
    ["RuntimeError: CUDA error: an illegal memory access was encountered", "error"],
    ["Traceback (most recent call last):", "error"],
    ["Killed", "error"],
    ["/root/x.py:3: UserWarning: old path", "warning"],
    ["[zeb-worker-vast-0] Upload complete (8 batches)", "upload"],
    ["[zeb-worker-vast-0] batch 2: 7168 examples, 8.2 games/s, step=9925, total_games=512", "progress"],
    ["GPU OK: NVIDIA GeForce RTX 4070 Ti", "milestone"],
    ["commit 7a76f600fda67786b5c1c4eb0a0c3d3e78fd5aae", "milestone"],
    ["[zeb-worker-vast-0] No new weights (still step 9925)", "quiet"],
    ["hello", "plain"],
  ] as const)("%s is of kind %s", (text, kind) => expect(lineKind(text)).toBe(kind));

  it("loses the escapes that would steer a terminal", () => {
    expect(cleanLine("\u001B[31mred\u001B[0m \u001B]0;title\u0007end")).toBe("red end");
  });

  it("shows the marks that would turn or hide what is read", () => {
    expect(cleanLine("a\u202Eb\u2066c\u200Bd\u0000e")).toBe("a�b�c�d�e");
  });

  it("shows the last drawing of a line that draws itself again", () => {
    expect(cleanLine("10 %\r50 %\r100 %\r")).toBe("100 %");
  });

  it("is cut where it would hang the page, and says by how much", () => {
    const line = cleanLine("x".repeat(20_000));
    expect(line.length).toBeLessThan(4100);
    expect(line).toContain("16000 more characters");
  });

  it("takes no longer where it is made to hang a matcher", () => {
    const startedAt = performance.now();
    for (const line of ["\u001B[".repeat(50_000), "a".repeat(200_000), " ".repeat(200_000)]) lineKind(cleanLine(line));
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it("is numbered from 1, and none stands after the last break", () => {
    expect(logLines("one\ntwo\n").map(({ number, text }) => `${number} ${text}`)).toEqual(["1 one", "2 two"]);
    expect(logLines("")).toEqual([]);
  });
});

describe("a search in a line", () => {
  it("finds every place whatever its case, and loses no text", () => {
    const found = pieces("Batch batch BATCH!", "batch");
    expect(found.filter(({ isMatch }) => isMatch)).toHaveLength(3);
    expect(found.map(({ text }) => text).join("")).toBe("Batch batch BATCH!");
  });

  it("takes what is looked for as text, not as a pattern", () => {
    expect(pieces("a.c abc", ".").filter(({ isMatch }) => isMatch)).toHaveLength(1);
    expect(pieces("abc", "")).toEqual([{ text: "abc", isMatch: false }]);
  });
});
