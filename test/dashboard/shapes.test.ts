// The dashboard's shapes against the doors' own: what it reads, they must send. The compiler is what checks; the run only
// shows that the file is there.

import { expectTypeOf, it } from "vitest";
import type * as shapes from "../../dashboard/src/api/shapes.ts";
import type { ByHandAnswer, DryPutAnswer, LogText, StrayList } from "../../src/durable/rpc.ts";
import type { RankedGroup } from "../../src/fleet/gpu-stats.ts";
import type { CostDaysDocument } from "../../src/routes/cost-days.ts";
import type { CostDocument } from "../../src/routes/cost.ts";
import type { HostDocument } from "../../src/routes/host-documents.ts";
import type { OneSeriesDocument, SeriesDocument } from "../../src/routes/series.ts";

it("reads only what the doors send", () => {
  expectTypeOf<CostDocument>().toExtend<shapes.CostDocument>();
  expectTypeOf<CostDaysDocument>().toExtend<shapes.CostDaysDocument>();
  expectTypeOf<HostDocument>().toExtend<shapes.HostDocument>();
  expectTypeOf<SeriesDocument>().toExtend<shapes.SeriesDocument>();
  expectTypeOf<OneSeriesDocument>().toExtend<shapes.OneSeriesDocument>();
  expectTypeOf<StrayList>().toExtend<shapes.StrayList>();
  expectTypeOf<LogText>().toExtend<shapes.LogText>();
  expectTypeOf<DryPutAnswer>().toExtend<shapes.DryRun>();
  expectTypeOf<ByHandAnswer>().toExtend<shapes.ByHandAnswer>();
  expectTypeOf<RankedGroup>().toExtend<shapes.MeasuredGroup>();
});
