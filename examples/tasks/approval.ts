import { defineTask, t } from "flyte-webhook/tasks";

/** Asks a person before it goes on, and a second one for a number. */
export const release = defineTask(
  {
    name: "approval.release",
    description: "Releases a version when a person approves, to as much traffic as a person says.",
    inputs: { version: t.string() },
    outputs: { released: t.boolean(), percent: t.float() },
  },
  async ({ version }, { log, waitFor }) => {
    const approved = await waitFor("approve", { prompt: `Release ${version}?` });
    if (!approved) return { released: false, percent: 0 };
    const percent = await waitFor("percent", {
      type: t.float(),
      prompt: "How much traffic may it get, in percent?",
    });
    log.info("released", { version, percent });
    return { released: true, percent };
  },
);
