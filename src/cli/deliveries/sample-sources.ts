import { githubSamples } from "./github-samples.ts";
import { gitlabSamples } from "./gitlab-samples.ts";
import type { SampleSource } from "./sample-source.ts";
import { slackSamples } from "./slack-samples.ts";
import {
  cloudEventsSamples,
  hmacSamples,
  standardWebhooksSamples,
  stripeSamples,
} from "./type-samples.ts";

/** By the names that hooks have for providers. */
export const sampleSources: Readonly<Record<string, SampleSource>> = {
  github: githubSamples,
  gitlab: gitlabSamples,
  slack: slackSamples,
  stripe: stripeSamples,
  "standard-webhooks": standardWebhooksSamples,
  cloudevents: cloudEventsSamples,
  hmac: hmacSamples,
};
