import { callbackUrl } from "../callbacks/callback-parameter.ts";
import type { Endpoint } from "../endpoint.ts";
import { object, text } from "../json-schema.ts";
import {
  abortReason,
  addedScope,
  bodyParameter,
  integerParameter,
  requiredText,
  textParameter,
} from "../parameters.ts";
import { dryRun } from "../starting/run-option-parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";
import {
  abortAnswer,
  exampleAbort,
  exampleRun,
  ioMembers,
  runAnswer,
  withEnd,
  withError,
} from "./run-answers.ts";

const exampleModel = {
  inputs: { repo: "org/model", force: 0 },
  outputs: {
    o0: { path: "file:///models/org--model/6a1f0c…", name: "6a1f0c…", format: "", hash: null },
    o1: { source_repo: "org/model", serial_format: "safetensors", size_bytes: 3000000000 },
  },
};

/** The endpoints of the group `prefetch`. */
export const prefetchEndpoints: readonly Endpoint[] = [
  {
    name: "prefetch_hf_model",
    group: "prefetch",
    method: "POST",
    path: "/prefetch/hf-model",
    summary: "Start the prefetch of a Hugging Face model",
    parameters: [
      requiredText("repo", "The model's repository, for example org/model."),
      textParameter(
        "raw_data_path",
        "Where the model is put: on a devbox, a folder below that of the project's models.",
      ),
      textParameter(
        "artifact_name",
        "The name of the artifact: letters, digits, dashes and underscores.",
      ),
      textParameter("architecture", "The model's architecture."),
      textParameter("task", "What the model is for.", "auto"),
      textParameter("serial_format", "How the model is serialised."),
      textParameter("model_type", "The kind of model."),
      textParameter("short_description", "What the model is, in a line."),
      textParameter(
        "hf_token_key",
        "The key of the secret with the access token; empty for none.",
        "HF_TOKEN",
      ),
      textParameter("cpu", "CPUs of the run.", "2"),
      textParameter("memory", "Memory of the run.", "8Gi"),
      textParameter("disk", "Disk of the run.", "50Gi"),
      integerParameter("force", "Another number fetches again what is stored already.", 0),
      {
        ...bodyParameter("modality", "What the model takes. Without it, text.", "texts"),
        bare: true,
      },
      {
        ...bodyParameter(
          "shard_config",
          "How the model is split. Refused unless the registered task has an input for it; that of a devbox has none.",
          "json",
        ),
        added: true,
      },
      ...addedScope,
      waitParameter,
      dryRun,
      callbackUrl,
    ],
    bodyExample: { repo: "org/model", modality: ["text"] },
    answer: withEnd(runAnswer),
    example: { ...exampleRun, phase: "queued" },
    fence: "none",
  },
  {
    name: "get_prefetch_hf_model",
    group: "prefetch",
    method: "GET",
    path: "/prefetch/hf-model/{run_name}",
    summary: "Read the state of a prefetch run",
    parameters: addedScope,
    answer: withError(runAnswer),
    example: exampleRun,
    fence: "run",
  },
  {
    name: "get_prefetch_hf_model_io",
    group: "prefetch",
    method: "GET",
    path: "/prefetch/hf-model/{run_name}/io",
    summary: "Read the inputs and outputs of a prefetch run",
    parameters: addedScope,
    answer: withError(object({ name: text, phase: text, ...ioMembers })),
    example: { name: exampleRun.name, phase: "succeeded", ...exampleModel },
    fence: "run",
  },
  {
    name: "abort_prefetch_hf_model",
    group: "prefetch",
    method: "POST",
    path: "/prefetch/hf-model/{run_name}/abort",
    summary: "Ask for a prefetch run to be stopped",
    parameters: [abortReason, ...addedScope],
    bodyExample: { reason: "not needed" },
    answer: abortAnswer,
    example: exampleAbort,
    fence: "run",
  },
];
