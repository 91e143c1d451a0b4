import { appCases } from "./app-cases.ts";
import { callAppCases } from "./call-app-cases.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { coreCases } from "./core-cases.ts";
import { fireCases } from "./fire-cases.ts";
import { imageCases } from "./image-cases.ts";
import { listCases } from "./list-cases.ts";
import { liveCases } from "./live-cases.ts";
import { prefetchCases } from "./prefetch-cases.ts";
import { runCases } from "./run-cases.ts";
import { runTaskFailureCases } from "./run-task-failure-cases.ts";
import { signalCases } from "./signal-cases.ts";
import { startCases } from "./start-cases.ts";
import { taskCases } from "./task-cases.ts";
import { triggerCases } from "./trigger-cases.ts";
import { waitCases } from "./wait-cases.ts";

/** What every endpoint has to answer, in both modes. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...coreCases,
  ...taskCases,
  ...runTaskFailureCases,
  ...runCases,
  ...appCases,
  ...callAppCases,
  ...triggerCases,
  ...imageCases,
  ...prefetchCases,
  ...fireCases,
  ...waitCases,
  ...signalCases,
  ...liveCases,
  ...listCases,
  ...startCases,
];
