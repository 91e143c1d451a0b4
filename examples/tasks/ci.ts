import { defineTask, t, UserError } from "flyte-webhook/tasks";

/** What a push to a repository starts: decides what to build and how to name it. */
export const planBuild = defineTask(
  {
    name: "ci.plan_build",
    description: "Turns a commit and its branch into an image tag and the environment it goes to.",
    inputs: { commit: t.string(), branch: t.string().default("main") },
    outputs: { tag: t.string(), environment: t.enum("production", "staging", "development") },
  },
  async ({ commit, branch }, { log }) => {
    if (!/^[0-9a-f]{40}$/.test(commit)) {
      throw new UserError(`"${commit}" is not the id of a commit: 40 hexadecimal digits.`);
    }
    const slug = branch.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const tag = `${slug}-${commit.slice(0, 12)}`;
    log.info("planned", { tag });
    const environment =
      branch === "main" ? "production" : branch.startsWith("release/") ? "staging" : "development";
    return { tag, environment };
  },
);
