import type { JsonObject } from "../../../shared/json.ts";
import type { HookEvent } from "../provider.ts";

// By https://docs.slack.dev: interactivity/implementing-slash-commands, reference/interaction-payloads and
// apis/events-api. All other fields are there as well, as JSON.

/** Somebody has given a command, such as `/train churn`. */
export interface SlackCommand extends JsonObject {
  /** With its slash: `/train`. */
  readonly command: string;
  /** What stands behind it. */
  readonly text: string;
  readonly user_id: string;
  readonly team_id: string;
  readonly channel_id: string;
  readonly channel_name: string;
  /** Takes messages for half an hour, from whoever knows it. */
  readonly response_url: string;
  readonly trigger_id: string;
}

/** Somebody has pressed a button, sent a dialog or used a shortcut. */
export interface SlackInteraction extends JsonObject {
  readonly type: string;
  readonly user: JsonObject & { readonly id: string };
}

/** Something has happened that the app has subscribed to. */
export interface SlackEventCallback extends JsonObject {
  readonly type: "event_callback";
  readonly event_id: string;
  readonly event_time: number;
  readonly team_id: string;
  readonly event: JsonObject & { readonly type: string };
}

interface EventOf<Kind extends string, Payload extends JsonObject> extends HookEvent<Payload> {
  readonly provider: "slack";
  readonly kind: Kind;
  /** `command.train`, `interaction.block_actions`, `event.app_mention`. */
  readonly type: `${Kind}.${string}`;
  readonly sentAt: Date;
}

/** What Slack sends; `kind` tells what the payload holds. */
export type SlackEvent =
  | EventOf<"command", SlackCommand>
  | EventOf<"interaction", SlackInteraction>
  | EventOf<"event", SlackEventCallback>;
