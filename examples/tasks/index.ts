// `flyte-webhook deploy examples/tasks/index.ts` registers all of them at once.
export { release } from "./approval.ts";
export { planBuild } from "./ci.ts";
export { alwaysFails, flaky } from "./failing.ts";
export { nightly } from "./orders.ts";
export { fitLine } from "./regression.ts";
export { digest } from "./schedule.ts";
export { count } from "./slow.ts";
export { describe, describeCsv } from "./statistics.ts";
export { echo } from "./types.ts";
