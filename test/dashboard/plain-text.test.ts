import { expect, it } from "vitest";
import { parsePlainly, withoutHidden } from "../../dashboard/src/view/plain-text.ts";

it("shows the marks that would turn or hide what is read", () => {
  expect(withoutHidden("a\u202Eb\u2066c\u200Bd\u061Ce\uFEFFf")).toBe("a�b�c�d�e�f");
});

it("reads an answer whose reasons quote a stranger, wherever they stand in it", () => {
  const answer = {
    notes: ["final error: \u202Egnp.exe (commit 7a76f60)"],
    workers: [{ detail: "x\u0085\u2067y", slot: 3 }],
  };
  expect(parsePlainly(JSON.stringify(answer))).toEqual({
    notes: ["final error: �gnp.exe (commit 7a76f60)"],
    workers: [{ detail: "x��y", slot: 3 }],
  });
});

it("leaves every other character as it is", () => {
  const text = "Zürich – 2 × RTX 3070 “Ti” 日本 \t\n\\u202E";
  expect(parsePlainly(JSON.stringify({ text }))).toEqual({ text });
});
