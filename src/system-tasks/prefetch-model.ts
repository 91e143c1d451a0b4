import { defineTask, type Task } from "../tasks/define-task.ts";
import { t } from "../tasks/t.ts";
import { UserError } from "../tasks/task-errors.ts";

/**
 * Fetches a model of Hugging Face, or of the hub that `HF_ENDPOINT` names, into the store of the devbox.
 * Its token is that of `HF_TOKEN`, which the run gets from the secret of its choice.
 */
export const prefetchModel: Task = defineTask(
  {
    name: "prefetch.hf_model",
    description: "Fetches a model of a Hugging Face hub at its latest commit, and verifies it.",
    inputs: {
      repo: t.string().describe("ORGANISATION/NAME or NAME"),
      raw_data_path: t.string().default("").describe("a folder below that of the project's models"),
      artifact_name: t.string().default("").describe("name of the stored model"),
      architecture: t.string().default(""),
      task: t.string().default("auto"),
      modality: t.list(t.string()).default(["text"]),
      serial_format: t.string().default(""),
      model_type: t.string().default(""),
      short_description: t.string().default(""),
      hf_token_key: t
        .string()
        .default("HF_TOKEN")
        .describe("the secret with the token, for messages"),
      disk: t.string().default("50Gi").describe("the most that the model may have"),
      force: t.int().default(0).describe("another number fetches what is stored already"),
    },
    outputs: {
      o0: t.dir().describe("the folder with the files of the model"),
      o1: t.json().describe("what is known of the model"),
    },
  },
  async (inputs, context) => {
    // Only a run of the task needs the client of the hub.
    const { fetchModel } = await import("./prefetch/fetch-model.ts");
    const { uri, metadata } = await fetchModel(inputs, context, process.env).catch(withoutPlace);
    return { o0: { uri }, o1: metadata };
  },
);

/** Where in this package a foreseen failure was noticed tells nobody anything. */
function withoutPlace(error: unknown): never {
  if (error instanceof UserError) error.stack = `${error.name}: ${error.message}`;
  throw error;
}
