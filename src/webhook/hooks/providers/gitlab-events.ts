import type { JsonObject } from "../../../shared/json.ts";
import type { HookEvent } from "../provider.ts";

// What is common to deliveries, by https://docs.gitlab.com/user/project/integrations/webhook_events/. All other fields
// are there as well, as JSON.

export interface GitLabProject extends JsonObject {
  readonly id: number;
  readonly name: string;
  /** `group/name` */
  readonly path_with_namespace: string;
  readonly default_branch: string;
  readonly web_url: string;
  readonly git_http_url: string;
}

export interface GitLabUser extends JsonObject {
  readonly id: number;
  readonly name: string;
  readonly username: string;
}

export interface GitLabCommit extends JsonObject {
  readonly id: string;
  readonly message: string;
  readonly timestamp: string;
  readonly url: string;
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly removed: readonly string[];
}

/** Commits or a tag were pushed. */
export interface GitLabPush extends JsonObject {
  /** `refs/heads/main`, `refs/tags/v1.0.0` */
  readonly ref: string;
  readonly before: string;
  /** The commit that `ref` names now; zeros when it was deleted. */
  readonly after: string;
  readonly checkout_sha: string | null;
  readonly user_username: string;
  readonly project: GitLabProject;
  readonly commits: readonly GitLabCommit[];
  readonly total_commits_count: number;
}

export interface GitLabMergeRequest extends JsonObject {
  readonly user: GitLabUser;
  readonly project: GitLabProject;
  readonly object_attributes: JsonObject & {
    readonly iid: number;
    readonly title: string;
    readonly state: string;
    readonly source_branch: string;
    readonly target_branch: string;
    readonly url: string;
    readonly last_commit: JsonObject & { readonly id: string };
  };
}

export interface GitLabPipeline extends JsonObject {
  readonly user: GitLabUser;
  readonly project: GitLabProject;
  readonly object_attributes: JsonObject & {
    readonly id: number;
    readonly ref: string;
    readonly tag: boolean;
    readonly sha: string;
    readonly status: string;
    readonly source: string;
  };
}

export interface GitLabRelease extends JsonObject {
  readonly tag: string;
  readonly name: string;
  readonly action: string;
  readonly url: string;
  readonly project: GitLabProject;
}

/** Events whose payload is not described here. */
type OtherName =
  | "access_token"
  | "build"
  | "deployment"
  | "emoji"
  | "feature_flag"
  | "issue"
  | "milestone"
  | "note"
  | "vulnerability"
  | "wiki_page"
  | "work_item";

interface EventOf<Name extends string, Type extends string, Payload extends JsonObject>
  extends HookEvent<Payload, Type> {
  readonly provider: "gitlab";
  /** The body's `object_kind`. */
  readonly name: Name;
}

/**
 * An event of GitLab's. `type` is its name with its action where it has one, such as `push` and `merge_request.open`;
 * `name` is the name alone. Asking for either tells what the payload holds. Events that GitLab adds later come as well.
 */
export type GitLabEvent =
  | EventOf<"push", "push", GitLabPush>
  | EventOf<"tag_push", "tag_push", GitLabPush>
  | EventOf<"merge_request", "merge_request" | `merge_request.${string}`, GitLabMergeRequest>
  | EventOf<"pipeline", "pipeline", GitLabPipeline>
  | EventOf<"release", `release.${string}`, GitLabRelease>
  | EventOf<OtherName, OtherName | `${OtherName}.${string}`, JsonObject>;
