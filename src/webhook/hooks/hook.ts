import type { ControlPlane, Scope } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { HookEvent, HookProvider } from "./provider.ts";

/** One secret, or several while one takes the place of another: by place, or by a name for the log. */
export type HookSecrets = string | readonly string[] | Readonly<Record<string, string>>;

/** Whose credential a hook acts with: never that of nobody. */
export type RunAs =
  /** An API key or token, sent to the control plane of the webhook as a bearer. */
  | { readonly token: string }
  /** A control plane with a credential of its own. It is not closed with the webhook. */
  | { readonly controlPlane: ControlPlane };

/** A task that an event starts. */
export interface HookStart extends Partial<Scope> {
  readonly task: string;
  /** @default the version deployed last */
  readonly version?: string;
  readonly inputs?: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

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
  start(event: Event): HookStart | undefined | Promise<HookStart | undefined>;
}

/** A hook of a webhook: made by `github`, `gitlab`, `slack`, `stripe`, `standardWebhooks`, `cloudEvents`, `hmac`. */
export interface Hook extends HookOptions {
  readonly name: string;
  readonly from: HookProvider;
}
