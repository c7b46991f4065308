import { describe, expect, it } from "vitest";
import { importedStrikes, parseBadHosts } from "../../src/fleet/bad-hosts.ts";

describe("the old list of bad hosts", () => {
  it.each([
    ["one to a line", "4411\n5502\n4411\n", [4411, 5502, 4411]],
    ["several to a line, empty lines, any end of line", "  4411 5502\r\n\r\n\t4411\r7", [4411, 5502, 4411, 7]],
    ["without a last end of line", "4411", [4411]],
    ["of ten digits", "9999999999", [9_999_999_999]],
    ["none at all", "\n \n", []],
  ])("is read as machine ids: %s", (_words, text, machineIds) => {
    expect(parseBadHosts(text)).toEqual({ ok: true, value: machineIds });
  });

  it.each(["x", "0", "-4411", "4411,5502", "44.1", "12345678901", "# note", "0x11"])(
    "is refused as a whole where a line is %s",
    (line) => {
      expect(parseBadHosts(`4411\n\n${line}\n5502`)).toEqual({ ok: false, error: [{ line: 3, text: line }] });
    },
  );

  it("names every bad line, and shows it whole", () => {
    expect(parseBadHosts("a\n4411 b\n5502")).toEqual({
      ok: false,
      error: [
        { line: 1, text: "a" },
        { line: 2, text: "4411 b" },
      ],
    });
  });

  it("gives the nth mention of a machine the nth id, in whatever order the lines come", () => {
    const ids = (machineIds: readonly number[]) => importedStrikes(machineIds).map(({ id }) => id);
    expect(ids([4411, 5502, 4411])).toEqual(["import:4411:1", "import:5502:1", "import:4411:2"]);
    expect(new Set(ids([5502, 4411, 4411]))).toEqual(new Set(ids([4411, 5502, 4411])));
  });
});
