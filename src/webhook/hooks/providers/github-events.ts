import type { JsonObject, JsonValue } from "../../../shared/json.ts";
import type { HookEvent } from "../provider.ts";

// What is common to deliveries, by https://docs.github.com/en/webhooks/webhook-events-and-payloads. All other fields are
// there as well, as JSON.

export interface GitHubUser extends JsonObject {
  readonly login: string;
  readonly id: number;
}

export interface GitHubRepository extends JsonObject {
  readonly id: number;
  readonly name: string;
  /** `owner/name` */
  readonly full_name: string;
  readonly private: boolean;
  readonly default_branch: string;
  readonly clone_url: string;
  readonly html_url: string;
}

export interface GitHubCommit extends JsonObject {
  readonly id: string;
  readonly message: string;
  readonly timestamp: string;
  readonly url: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly modified: readonly string[];
}

/** What events of repositories have in common. */
export interface GitHubRepositoryPayload extends JsonObject {
  readonly repository: GitHubRepository;
  readonly sender: GitHubUser;
}

/** Commits or a tag were pushed, or a branch was deleted. */
export interface GitHubPush extends GitHubRepositoryPayload {
  /** `refs/heads/main`, `refs/tags/v1.0.0` */
  readonly ref: string;
  readonly before: string;
  /** The commit that `ref` names now; zeros when it was deleted. */
  readonly after: string;
  readonly created: boolean;
  readonly deleted: boolean;
  readonly forced: boolean;
  readonly compare: string;
  readonly commits: readonly GitHubCommit[];
  readonly head_commit: GitHubCommit | null;
}

export interface GitHubBranch extends JsonObject {
  readonly label: string;
  readonly ref: string;
  readonly sha: string;
}

export interface GitHubPullRequest extends GitHubRepositoryPayload {
  readonly action: string;
  readonly number: number;
  readonly pull_request: JsonObject & {
    readonly number: number;
    readonly title: string;
    readonly state: string;
    readonly draft: boolean;
    readonly html_url: string;
    readonly user: GitHubUser;
    readonly head: GitHubBranch;
    readonly base: GitHubBranch;
  };
}

export interface GitHubRelease extends GitHubRepositoryPayload {
  readonly action: string;
  readonly release: JsonObject & {
    readonly id: number;
    readonly tag_name: string;
    readonly name: string | null;
    readonly draft: boolean;
    readonly prerelease: boolean;
    readonly html_url: string;
  };
}

export interface GitHubWorkflowRun extends GitHubRepositoryPayload {
  readonly action: string;
  readonly workflow_run: JsonObject & {
    readonly id: number;
    readonly name: string | null;
    readonly head_branch: string | null;
    readonly head_sha: string;
    readonly event: string;
    readonly status: string | null;
    readonly conclusion: string | null;
    readonly html_url: string;
  };
}

export interface GitHubIssue extends GitHubRepositoryPayload {
  readonly action: string;
  readonly issue: JsonObject & {
    readonly number: number;
    readonly title: string;
    readonly state: string;
    readonly body: string | null;
    readonly html_url: string;
    readonly user: GitHubUser;
  };
}

export interface GitHubIssueComment extends GitHubIssue {
  readonly comment: JsonObject & {
    readonly id: number;
    readonly body: string;
    readonly html_url: string;
    readonly user: GitHubUser;
  };
}

/** A branch or a tag was created or deleted. */
export interface GitHubRefChange extends GitHubRepositoryPayload {
  readonly ref: string;
  readonly ref_type: string;
}

/** Somebody has called `POST /repos/{owner}/{repo}/dispatches`. */
export interface GitHubRepositoryDispatch extends GitHubRepositoryPayload {
  readonly action: string;
  readonly branch: string;
  readonly client_payload: JsonValue;
}

/** Events whose payload is not described here. */
type OtherName =
  | "branch_protection_rule"
  | "check_run"
  | "check_suite"
  | "code_scanning_alert"
  | "commit_comment"
  | "dependabot_alert"
  | "deploy_key"
  | "deployment"
  | "deployment_status"
  | "discussion"
  | "discussion_comment"
  | "fork"
  | "gollum"
  | "installation"
  | "installation_repositories"
  | "label"
  | "member"
  | "membership"
  | "merge_group"
  | "milestone"
  | "organization"
  | "package"
  | "page_build"
  | "public"
  | "pull_request_review"
  | "pull_request_review_comment"
  | "registry_package"
  | "repository"
  | "secret_scanning_alert"
  | "security_advisory"
  | "star"
  | "status"
  | "team"
  | "watch"
  | "workflow_dispatch"
  | "workflow_job";

interface EventOf<Name extends string, Type extends string, Payload extends JsonObject>
  extends HookEvent<Payload, Type> {
  readonly provider: "github";
  /** The event without its action: `pull_request`. */
  readonly name: Name;
  readonly id: string;
}

/**
 * An event of GitHub's. `type` is its name with its action where it has one, such as `push` and `pull_request.opened`;
 * `name` is the name alone. Asking for either tells what the payload holds. Events that GitHub adds later come as well.
 */
export type GitHubEvent =
  | EventOf<"push", "push", GitHubPush>
  | EventOf<"pull_request", `pull_request.${string}`, GitHubPullRequest>
  | EventOf<"release", `release.${string}`, GitHubRelease>
  | EventOf<"workflow_run", `workflow_run.${string}`, GitHubWorkflowRun>
  | EventOf<"issues", `issues.${string}`, GitHubIssue>
  | EventOf<"issue_comment", `issue_comment.${string}`, GitHubIssueComment>
  | EventOf<"create", "create", GitHubRefChange>
  | EventOf<"delete", "delete", GitHubRefChange>
  | EventOf<"repository_dispatch", `repository_dispatch.${string}`, GitHubRepositoryDispatch>
  | EventOf<OtherName, OtherName | `${OtherName}.${string}`, JsonObject>;
