import { defineTask, t, UserError } from "flyte-webhook/tasks";

/** Fails for good, with an error that tells the reader what to do. */
export const alwaysFails = defineTask(
  {
    name: "failing.always",
    description: "Fails at once with a useful error; retries would not help and are not made.",
    inputs: { reason: t.string().default("the model file is missing") },
    retries: 3,
  },
  async ({ reason }) => {
    throw new UserError(`Cannot go on: ${reason}. Upload it and run the task again.`, {
      code: "NotReady",
      retryable: false,
    });
  },
);

/** Fails until its attempts reach a number, as a task does whose network is down for a while. */
export const flaky = defineTask(
  {
    name: "failing.flaky",
    description: "Fails a number of times (2 unless told otherwise), then succeeds by its retries.",
    inputs: { failures: t.int().default(2) },
    outputs: { attempts: t.int() },
    retries: 3,
  },
  async ({ failures }, { attempt, log }) => {
    if (attempt <= failures) {
      throw new UserError(`Attempt ${attempt} found the service down.`, { code: "ServiceDown" });
    }
    log.info("the service is back", { attempt });
    return { attempts: attempt };
  },
);
