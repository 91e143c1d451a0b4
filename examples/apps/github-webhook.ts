import { FlyteWebhookAppEnvironment, github, Secret, serve } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/**
 * The webhook with an address for GitHub, `/hooks/github`: a push to a branch starts a run for its commit. GitHub
 * proves itself by its signature, and the runs belong to the user of CI_API_KEY. People and CI call the other
 * endpoints with credentials of their own.
 */
export const env = new FlyteWebhookAppEnvironment({
  name: "github-hooks",
  endpointGroups: ["core", "run"],
  taskAllowlist: ["flytesnacks/ci.plan_build"],
  requiresAuth: false, // GitHub's signature is the credential.
  secrets: [
    new Secret({ key: "github-webhook-secret", asEnvVar: "GITHUB_WEBHOOK_SECRET" }),
    new Secret({ key: "ci-api-key", asEnvVar: "CI_API_KEY" }),
  ],
  // Made where the webhook is started: the secrets are there, and not where it is deployed from.
  hooks: () => [
    github({
      secret: process.env["GITHUB_WEBHOOK_SECRET"] ?? "",
      runAs: { token: process.env["CI_API_KEY"] ?? "" },
      events: ["push"],
      start: (event) => {
        if (event.type !== "push") return undefined;
        const { ref, after, deleted } = event.payload;
        const [, branch] = /^refs\/heads\/(.+)$/.exec(ref) ?? [];
        if (branch === undefined || deleted === true) return undefined;
        return { task: "ci.plan_build", inputs: { commit: after, branch } };
      },
    }),
  ],
});

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
