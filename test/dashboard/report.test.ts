import { describe, expect, it } from "vitest";
import { examplesLine, learnerLine } from "../../dashboard/src/view/report.ts";

const examples = {
  repo: "me/zeb-examples",
  namespace: "v7",
  files: 4000,
  newestAt: "2026-11-24T07:55:00Z",
  newestAgeSeconds: 300,
  hasNewFiles: true,
  workers: [
    { workerId: "vast-0", newestAt: "2026-11-24T07:55:00Z", files: 2500 },
    { workerId: "vast-1", newestAt: "2026-11-24T05:00:00Z", files: 1500 },
  ],
  silent: [],
};
const learner = { weightsName: "v7", step: 12_000, isMoving: true, pushAgeSeconds: 600 };

describe("the line of the examples", () => {
  it("calls no file new for being in the folder: of the 4,000 it says that they are kept", () => {
    expect(examplesLine(examples)).toEqual({
      tone: "ok",
      title: "New example files",
      text: "me/zeb-examples / v7: the newest 5 min old, of 2 workers, 4,000 files kept",
    });
  });

  it("warns of a full folder into which nothing new came, and names who is silent", () => {
    const silent = [{ workerId: "vast-1", uploadIntervalSeconds: 600, ageSeconds: 10_800 }];
    expect(examplesLine({ ...examples, hasNewFiles: false, silent })).toEqual({
      tone: "warn",
      title: "No new example files",
      text: "me/zeb-examples / v7: the newest 5 min old, of 2 workers, 4,000 files kept; silent: vast-1",
    });
  });

  it("says of an empty folder that there is no file", () => {
    const empty = { ...examples, files: 0, newestAt: null, newestAgeSeconds: null, hasNewFiles: false, workers: [] };
    expect(examplesLine(empty).text).toBe("me/zeb-examples / v7: no file, of 0 workers, 0 files kept");
  });
});

describe("the line of a learner", () => {
  it("says that it moves", () => {
    expect(learnerLine(learner)).toEqual({
      tone: "ok",
      title: "Learner v7 at step 12,000: moving",
      text: "pushed 10 min ago",
    });
  });

  it("warns of one that does not move", () => {
    expect(learnerLine({ ...learner, isMoving: false, pushAgeSeconds: 7200 })).toEqual({
      tone: "warn",
      title: "Learner v7 at step 12,000: NOT moving",
      text: "pushed 2 h ago",
    });
  });

  it("does not pretend to know", () => {
    expect(learnerLine({ ...learner, isMoving: null, pushAgeSeconds: null })).toEqual({
      tone: "idle",
      title: "Learner v7 at step 12,000: not known whether it moves",
      text: "date of the last push unknown",
    });
  });
});
