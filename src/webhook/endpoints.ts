import type { Endpoint } from "./endpoint.ts";
import { appEndpoints } from "./endpoints/app.ts";
import { batchEndpoints } from "./endpoints/batch.ts";
import { buildEndpoints } from "./endpoints/build.ts";
import { coreEndpoints } from "./endpoints/core.ts";
import { fireEndpoints } from "./endpoints/fire.ts";
import { inspectEndpoints } from "./endpoints/inspect.ts";
import { listEndpoints } from "./endpoints/list.ts";
import { liveEndpoints } from "./endpoints/live.ts";
import { opsEndpoints } from "./endpoints/ops.ts";
import { prefetchEndpoints } from "./endpoints/prefetch.ts";
import { rerunEndpoints } from "./endpoints/rerun.ts";
import { runEndpoints } from "./endpoints/run.ts";
import { signalEndpoints } from "./endpoints/signal.ts";
import { taskEndpoints } from "./endpoints/task.ts";
import { triggerEndpoints } from "./endpoints/trigger.ts";
import { waitEndpoints } from "./endpoints/wait.ts";

/**
 * Every endpoint of the webhook. Routes, groups, guards, the OpenAPI document and the conformance
 * tests are all derived from this table.
 */
export const endpoints: readonly Endpoint[] = [
  ...coreEndpoints,
  ...taskEndpoints,
  ...runEndpoints,
  ...appEndpoints,
  ...triggerEndpoints,
  ...buildEndpoints,
  ...prefetchEndpoints,
  ...fireEndpoints,
  ...waitEndpoints,
  ...signalEndpoints,
  ...liveEndpoints,
  ...rerunEndpoints,
  ...batchEndpoints,
  ...listEndpoints,
  ...opsEndpoints,
  ...inspectEndpoints,
];
