import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../shared/json.ts";
import { githubProvider } from "../../webhook/hooks/providers/github.ts";
import {
  commitId,
  earlierCommitId,
  jsonDelivery,
  type SampleSource,
  zeroCommitId,
} from "./sample-source.ts";

const sender = { login: "ada", id: 1001, type: "User" };
const home = "https://github.com/example/models";

const repository = {
  id: 2002,
  name: "models",
  full_name: "example/models",
  private: true,
  default_branch: "main",
  clone_url: `${home}.git`,
  html_url: home,
  owner: { login: "example", id: 3003, type: "Organization" },
};

function common(fields: JsonObject): JsonObject {
  return { ...fields, repository, sender };
}

const headCommit = {
  id: commitId,
  message: "Train with the new features",
  timestamp: "2026-01-31T09:30:00Z",
  url: `${home}/commit/${commitId}`,
  author: { name: "Ada", email: "ada@example.com", username: "ada" },
  added: ["features/churn.ts"],
  removed: [],
  modified: ["train.ts"],
};

const issue = {
  id: 4004,
  number: 12,
  title: "Retrain the churn model",
  state: "open",
  body: "The old one is of last year.",
  html_url: `${home}/issues/12`,
  user: sender,
  labels: [],
};

function branch(ref: string, sha: string): JsonObject {
  return { label: `example:${ref}`, ref, sha, user: sender, repo: repository };
}

/** Shaped as https://docs.github.com/en/webhooks/webhook-events-and-payloads describes. */
const payloads: Readonly<Record<string, JsonObject>> = {
  ping: common({ zen: "Small steps go far.", hook_id: 5005, hook: { type: "Repository" } }),
  push: common({
    ref: "refs/heads/main",
    before: earlierCommitId,
    after: commitId,
    created: false,
    deleted: false,
    forced: false,
    base_ref: null,
    compare: `${home}/compare/9049f126...6dcb09b5`,
    commits: [headCommit],
    head_commit: headCommit,
    pusher: { name: "ada", email: "ada@example.com" },
  }),
  pull_request: common({
    action: "opened",
    number: 7,
    pull_request: {
      id: 6006,
      number: 7,
      title: "Use the new features",
      state: "open",
      draft: false,
      merged: false,
      html_url: `${home}/pull/7`,
      user: sender,
      head: branch("new-features", commitId),
      base: branch("main", earlierCommitId),
    },
  }),
  release: common({
    action: "published",
    release: {
      id: 7007,
      tag_name: "v1.2.0",
      name: "1.2.0",
      draft: false,
      prerelease: false,
      html_url: `${home}/releases/tag/v1.2.0`,
    },
  }),
  workflow_run: common({
    action: "completed",
    workflow_run: {
      id: 8008,
      name: "CI",
      head_branch: "main",
      head_sha: commitId,
      event: "push",
      status: "completed",
      conclusion: "success",
      html_url: `${home}/actions/runs/8008`,
    },
  }),
  issues: common({ action: "opened", issue }),
  issue_comment: common({
    action: "created",
    issue,
    comment: { id: 9009, body: "/train churn", html_url: `${issue.html_url}#c1`, user: sender },
  }),
  create: common({ ref: "v1.2.0", ref_type: "tag", master_branch: "main", pusher_type: "user" }),
  delete: common({ ref: "new-features", ref_type: "branch", pusher_type: "user" }),
  repository_dispatch: common({
    action: "train",
    branch: "main",
    client_payload: { model: "churn", before: zeroCommitId },
  }),
};

export const githubSamples: SampleSource = {
  events: Object.keys(payloads),
  takesAny: false,
  createId: randomUUID,
  idHeader: () => "x-github-delivery",
  provider: (secret) => githubProvider(secret),
  deliver({ event, payload: given, id }) {
    const [name = "", ...action] = event.split(".");
    const known = Object.hasOwn(payloads, name) ? payloads[name] : undefined;
    const payload = given ?? known;
    if (payload === undefined) return undefined;
    const acting = action.length === 0 ? payload : { ...payload, action: action.join(".") };
    return jsonDelivery(acting, {
      "user-agent": "GitHub-Hookshot/flyte-webhook",
      "x-github-event": name,
      "x-github-delivery": id,
      "x-github-hook-id": "5005",
    });
  },
};
