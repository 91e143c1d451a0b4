import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const line = "POST /prefetch/hf-model";
const started = ["listTasks", "getTaskDetails", "uploadInputs", "createRun"];
const body = {
  name: "rnew",
  url: "URL/v2/domain/development/project/flytesnacks/runs/rnew",
  phase: "running",
  done: false,
};
const words = "Failed to prefetch HF model";

export const prefetchCases: readonly ConformanceCase[] = [
  {
    endpoint: "prefetch_hf_model",
    when: "the model is named",
    request: `${line}?repo=org/model`,
    calls: started,
    upstream: { status: 200, body },
  },
  {
    endpoint: "prefetch_hf_model",
    when: "all that the task takes is given, and the modality",
    request: `${line}?repo=model&artifact_name=my_model&short_description=small&raw_data_path=s3://b/m`,
    body: ["text"],
    calls: started,
    upstream: { status: 200, body },
  },
  {
    endpoint: "prefetch_hf_model",
    when: "the artifact cannot have that name",
    request: `${line}?repo=org/model&artifact_name=my.model`,
    calls: [],
    ours: { status: 400, code: "invalid_input", faults: ["artifact_name"] },
    upstream: {
      status: 500,
      detail: `${words}: artifact_name: must only contain alphanumeric characters, underscores, and hyphens`,
    },
  },
  {
    endpoint: "prefetch_hf_model",
    when: "the run may not be started",
    request: `${line}?repo=org/model`,
    failing: { createRun: [Code.PermissionDenied, "no runs for you"] },
    calls: started,
    ours: { status: 403, code: "permission_denied", detail: "no runs for you" },
    upstream: { status: 500, detail: `${words}: Failed to create run: no runs for you` },
  },
];
