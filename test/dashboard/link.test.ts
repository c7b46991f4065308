import { expect, it } from "vitest";
import { linkOf } from "../../dashboard/src/view/link.ts";

it.each([
  ["all sockets are open", true, [true, true], "live"],
  ["there is no fleet", true, [], "live"],
  ["one socket does not get through", true, [true, false], "polling"],
  ["the fleets could not be read, though every socket looks open", false, [true, true], "silent"],
  ["the fleets could not be read, and no socket is open", false, [false], "silent"],
  ["there is no fleet, and nobody answers", false, [], "silent"],
] as const)("%s", (_, isAnswering, openSockets, link) => expect(linkOf(isAnswering, openSockets)).toBe(link));
