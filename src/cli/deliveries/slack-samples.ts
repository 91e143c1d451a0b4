import { randomBytes } from "node:crypto";
import { type JsonObject, stringifyJson } from "../../shared/json.ts";
import { slackProvider } from "../../webhook/hooks/providers/slack.ts";
import { jsonDelivery, type SampleDelivery, type SampleSource } from "./sample-source.ts";

const team = { team_id: "T0000000001", team_domain: "example" };
const place = { channel_id: "C0000000001", channel_name: "ml" };
const responseUrl = "https://hooks.slack.com/commands/T0000000001/1/example";

export const slackSamples: SampleSource = {
  events: ["command.train", "interaction.block_actions", "event.app_mention", "url_verification"],
  takesAny: true,
  createId: () => `${Date.now()}.1.${randomBytes(8).toString("hex")}`,
  idHeader: () => undefined,
  provider: (secret) => slackProvider(secret),
  deliver({ event, payload, id, at }) {
    const [kind = "", ...rest] = event.split(".");
    const name = rest.join(".");
    if (event === "url_verification") {
      return jsonDelivery({ type: event, challenge: id, ...payload });
    }
    if (name === "") return undefined;
    if (kind === "command") return form({ ...command(name, id), ...payload });
    if (kind === "interaction") {
      return form({ payload: stringifyJson({ ...interaction(name, id), ...payload }) });
    }
    if (kind !== "event") return undefined;
    const time = Math.floor(at.getTime() / 1_000);
    return jsonDelivery({ ...callback(name, id, time), ...payload });
  },
};

function form(fields: JsonObject): SampleDelivery {
  const texts = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(texts).toString(),
  };
}

function command(name: string, id: string): JsonObject {
  const user = { user_id: "U0000000001", user_name: "ada" };
  const words = { command: `/${name}`, text: "churn", response_url: responseUrl, trigger_id: id };
  return { ...team, ...place, ...user, ...words, api_app_id: "A0000000001" };
}

function interaction(type: string, id: string): JsonObject {
  return {
    type,
    trigger_id: id,
    user: { id: "U0000000001", username: "ada", team_id: team.team_id },
    team: { id: team.team_id, domain: team.team_domain },
    channel: { id: place.channel_id, name: place.channel_name },
    actions: [{ type: "button", action_id: "train", value: "churn" }],
    response_url: responseUrl,
  };
}

function callback(type: string, id: string, time: number): JsonObject {
  return {
    type: "event_callback",
    team_id: team.team_id,
    api_app_id: "A0000000001",
    event_id: `Ev${id}`,
    event_time: time,
    event: {
      type,
      user: "U0000000001",
      text: "<@U0000000002> train churn",
      channel: place.channel_id,
      ts: `${time}.000100`,
    },
  };
}
