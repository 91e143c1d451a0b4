import { randomUUID } from "node:crypto";
import { isJsonObject, type JsonObject } from "../../shared/json.ts";
import { gitlabProvider } from "../../webhook/hooks/providers/gitlab.ts";
import { commitId, earlierCommitId, jsonDelivery, type SampleSource } from "./sample-source.ts";

const home = "https://gitlab.example.com/ml/models";
const user = { id: 11, name: "Ada", username: "ada" };

const project = {
  id: 22,
  name: "models",
  path_with_namespace: "ml/models",
  default_branch: "main",
  web_url: home,
  git_http_url: `${home}.git`,
};

const commit = {
  id: commitId,
  message: "Train with the new features",
  timestamp: "2026-01-31T09:30:00Z",
  url: `${home}/-/commit/${commitId}`,
  added: ["features/churn.ts"],
  modified: ["train.ts"],
  removed: [],
};

function pushed(kind: string, ref: string): JsonObject {
  return {
    object_kind: kind,
    event_name: kind,
    ref,
    before: earlierCommitId,
    after: commitId,
    checkout_sha: commitId,
    user_username: "ada",
    project,
    commits: [commit],
    total_commits_count: 1,
  };
}

/** Shaped as https://docs.gitlab.com/user/project/integrations/webhook_events/ describes. */
const payloads: Readonly<Record<string, JsonObject>> = {
  push: pushed("push", "refs/heads/main"),
  tag_push: pushed("tag_push", "refs/tags/v1.2.0"),
  merge_request: {
    object_kind: "merge_request",
    user,
    project,
    object_attributes: {
      iid: 7,
      title: "Use the new features",
      state: "opened",
      action: "open",
      source_branch: "new-features",
      target_branch: "main",
      url: `${home}/-/merge_requests/7`,
      last_commit: { id: commitId },
    },
  },
  pipeline: {
    object_kind: "pipeline",
    user,
    project,
    object_attributes: {
      id: 33,
      ref: "main",
      tag: false,
      sha: commitId,
      status: "success",
      source: "push",
    },
  },
  release: {
    object_kind: "release",
    action: "create",
    tag: "v1.2.0",
    name: "1.2.0",
    url: `${home}/-/releases/v1.2.0`,
    project,
  },
};

export const gitlabSamples: SampleSource = {
  events: Object.keys(payloads),
  takesAny: false,
  createId: randomUUID,
  idHeader: () => "idempotency-key",
  provider: (secret) => gitlabProvider(secret),
  deliver({ event, payload: given, id }) {
    const [name = "", ...action] = event.split(".");
    const known = Object.hasOwn(payloads, name) ? payloads[name] : undefined;
    const payload = given ?? known;
    if (payload === undefined) return undefined;
    const acting = action.length === 0 ? payload : withAction(payload, action.join("."));
    const words = name.split("_").map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
    return jsonDelivery(acting, {
      "user-agent": "GitLab/flyte-webhook",
      "x-gitlab-event": `${words.join(" ")} Hook`,
      "x-gitlab-instance": "https://gitlab.example.com",
      "x-gitlab-webhook-uuid": "00000000-0000-4000-8000-000000000022",
      "x-gitlab-event-uuid": randomUUID(),
      "idempotency-key": id,
    });
  },
};

function withAction(payload: JsonObject, action: string): JsonObject {
  const attributes = payload["object_attributes"];
  return isJsonObject(attributes)
    ? { ...payload, object_attributes: { ...attributes, action } }
    : { ...payload, action };
}
