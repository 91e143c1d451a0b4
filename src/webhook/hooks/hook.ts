import type { ControlPlane, Scope } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { HookEvent, HookProvider } from "./provider.ts";

/** One secret, or several while one takes the place of another: by place, or by a name for the log. */
export type HookSecrets = string | readonly string[] | Readonly<Record<string, string>>;

/** Whose credential a hook acts with: never that of nobody. */
export type RunAs =
  /** An API key or token, sent to the control plane of the webhook as a bearer. */
  | { readonly token: string }
  /**
   * A control plane with a credential of its own, for example what `init` answers. It is not closed with the webhook.
   * Where it has no project and domain, those of the webhook's hold.
   */
  | { readonly controlPlane: ControlPlane };

/** A task that an event starts. */
export interface HookStart extends Partial<Scope> {
  /** Its name, for example `ci.plan_build`. `project` and `domain` are where it was deployed. */
  readonly task: string;
  /** @default the version deployed last */
  readonly version?: string;
  readonly inputs?: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** An event that starts nothing, with words for whoever reads the answer, such as a person in Slack. */
export interface HookRefusal {
  readonly refuse: string;
}

/** What an event starts; undefined for nothing. */
export type HookDecision = HookStart | HookRefusal | undefined;

/** What every hook says, whoever sends. */
export interface HookOptions<Event extends HookEvent = HookEvent> {
  /** The last part of its address, `/hooks/NAME`. @default the provider's name */
  readonly name?: string;
  /** Whose credential its runs are started with. */
  readonly runAs: RunAs;
  /**
   * Types of events that are taken, with `*` for any characters but a dot; others are answered 202 and ignored.
   *
   * @default all
   */
  readonly events?: readonly string[];
  /**
   * What an event starts; undefined for nothing. Called once for each delivery that is proved and taken. It must not
   * depend on anything but the event: a delivery that is sent again has to start the same.
   */
  start(event: Event): HookDecision | Promise<HookDecision>;
  /** Longest body that is read, in bytes. GitHub sends up to 25 MB. @default that of the webhook */
  readonly bodyLimitBytes?: number;
  /**
   * Whether the bodies of the last deliveries are kept in memory, those of up to 64 Ki characters.
   *
   * @default false
   */
  readonly keepPayloads?: boolean;
  /**
   * A folder that gets a file for each delivery that is proved, to be sent again by `flyte-webhook send`. The files
   * hold bodies as they came, and neither signatures nor credentials.
   *
   * @default none
   */
  readonly record?: string;
}

/** A hook of a webhook: made by `github`, `gitlab`, `slack`, `stripe`, `standardWebhooks`, `cloudEvents`, `hmac`. */
export interface Hook extends HookOptions {
  readonly name: string;
  readonly from: HookProvider;
}
