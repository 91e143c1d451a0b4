import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const line = "POST /prefetch/hf-model";
/** A secret may be of the project, of the domain, or for all. */
const lookUp = ["getSecret", "getSecret", "getSecret"];
const started = ["listTasks", "getTaskDetails", ...lookUp, "uploadInputs", "createRun"];
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
  {
    endpoint: "prefetch_hf_model",
    when: "it gets other resources and no token",
    request: `${line}?repo=org/model&cpu=4&memory=16Gi&disk=100Gi&hf_token_key=`,
    calls: ["listTasks", "getTaskDetails", "uploadInputs", "createRun"],
    upstream: { status: 200, body },
  },
  {
    endpoint: "prefetch_hf_model",
    when: "an amount is none",
    request: `${line}?repo=org/model&memory=much`,
    calls: [],
    ours: { status: 400, code: "invalid_input", faults: ["memory"] },
    upstream: {
      status: 500,
      detail: `${words}: memory: is not an amount above zero; write it like "8Gi"`,
    },
  },
  {
    endpoint: "prefetch_hf_model",
    when: "the secret it names is not there",
    request: `${line}?repo=org/model&hf_token_key=TEAM_TOKEN`,
    calls: ["listTasks", "getTaskDetails", ...lookUp],
    ours: { status: 400, code: "invalid_input", faults: ["hf_token_key"] },
    upstream: {
      status: 500,
      detail: `${words}: hf_token_key: is not the key of a secret for flytesnacks/development; create it with: flyte-webhook create secret TEAM_TOKEN --project flytesnacks --domain development`,
    },
  },
  {
    endpoint: "prefetch_hf_model",
    when: "the model is in the allowlist",
    request: `${line}?repo=org/model`,
    fenced: true,
    calls: started,
    upstream: { status: 200, body },
  },
  {
    endpoint: "prefetch_hf_model",
    when: "neither the model nor the secret is in the allowlist",
    request: `${line}?repo=evil/model&hf_token_key=DB_PASSWORD`,
    fenced: true,
    calls: [],
    ours: { status: 403, code: "not_allowlisted" },
    upstream: {
      status: 403,
      detail:
        "Model evil/model is not in the allowlist; Secret DB_PASSWORD is not in the allowlist",
    },
  },
];
