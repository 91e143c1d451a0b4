import type { HookSecrets } from "../../src/webhook/hooks/hook.ts";
import type {
  DeliveryReading,
  HookProvider,
  RawDelivery,
} from "../../src/webhook/hooks/provider.ts";
import { cloudEventsProvider } from "../../src/webhook/hooks/providers/cloud-events.ts";
import { githubProvider } from "../../src/webhook/hooks/providers/github.ts";
import { gitlabProvider } from "../../src/webhook/hooks/providers/gitlab.ts";
import { hmacProvider } from "../../src/webhook/hooks/providers/hmac.ts";
import { slackProvider } from "../../src/webhook/hooks/providers/slack.ts";
import { standardWebhooksProvider } from "../../src/webhook/hooks/providers/standard-webhooks.ts";
import { stripeProvider } from "../../src/webhook/hooks/providers/stripe.ts";

/** A way in which deliveries are proved. */
export interface Scheme {
  readonly name: string;
  readonly provider: (secret: HookSecrets) => HookProvider;
  /** A fit secret for any number. */
  readonly secret: (number: number) => string;
  /** What an event looks like before it is signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly type: string;
  readonly id: string | undefined;
  /** The headers that prove it; a change of one of their bytes has to be noticed. */
  readonly proof: readonly string[];
  /** Whether the body is signed, and not only accompanied by a token. */
  readonly signsBody: boolean;
  /** The header with the time, for those who sign one, and how it is changed there. */
  readonly time?: (headers: Headers, seconds: string) => Headers;
}

type Headers = Readonly<Record<string, string>>;

const json = { "content-type": "application/json" } as const;
const text = (number: number) => `a secret that is long enough ${number}`;
const base64 = (number: number) =>
  `whsec_${Buffer.from(`24 bytes and more ${number}`.padEnd(32)).toString("base64")}`;
const header = (name: string) => (headers: Headers, seconds: string) => ({
  ...headers,
  [name]: seconds,
});

/** Every way that there is. */
export const schemes: readonly Scheme[] = [
  {
    name: "github",
    provider: githubProvider,
    secret: text,
    headers: { ...json, "x-github-event": "push", "x-github-delivery": "d-1" },
    body: '{"ref":"refs/heads/main"}',
    type: "push",
    id: "d-1",
    proof: ["x-hub-signature-256"],
    signsBody: true,
  },
  {
    name: "gitlab with a secret token",
    provider: gitlabProvider,
    secret: text,
    headers: { ...json, "x-gitlab-event": "Push Hook", "idempotency-key": "k-1" },
    body: '{"object_kind":"push"}',
    type: "push",
    id: "k-1",
    proof: ["x-gitlab-token"],
    signsBody: false,
  },
  {
    name: "gitlab with a signing token",
    provider: gitlabProvider,
    secret: base64,
    headers: { ...json, "x-gitlab-event": "Push Hook", "idempotency-key": "k-1" },
    body: '{"object_kind":"push"}',
    type: "push",
    id: "k-1",
    proof: ["webhook-id", "webhook-timestamp", "webhook-signature"],
    signsBody: true,
    time: header("webhook-timestamp"),
  },
  {
    name: "slack",
    provider: slackProvider,
    secret: text,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "command=%2Ftrain&text=churn&trigger_id=13.37&team_id=T1",
    type: "command.train",
    id: "13.37",
    proof: ["x-slack-request-timestamp", "x-slack-signature"],
    signsBody: true,
    time: header("x-slack-request-timestamp"),
  },
  {
    name: "stripe",
    provider: stripeProvider,
    secret: text,
    headers: json,
    body: '{"id":"evt_1","type":"invoice.paid"}',
    type: "invoice.paid",
    id: "evt_1",
    proof: ["stripe-signature"],
    signsBody: true,
    time: (headers, seconds) => ({
      ...headers,
      "stripe-signature": (headers["stripe-signature"] ?? "").replace(/t=[^,]*/, `t=${seconds}`),
    }),
  },
  {
    name: "standard webhooks",
    provider: standardWebhooksProvider,
    secret: base64,
    headers: { ...json, "webhook-id": "msg_1" },
    body: '{"type":"user.created","data":{"id":7}}',
    type: "user.created",
    id: "msg_1",
    proof: ["webhook-id", "webhook-timestamp", "webhook-signature"],
    signsBody: true,
    time: header("webhook-timestamp"),
  },
  {
    name: "cloudevents with a token",
    provider: (token) => cloudEventsProvider({ token }),
    secret: (number) => `token-of-${number}-which-is-long`,
    headers: { "content-type": "application/cloudevents+json" },
    body: '{"specversion":"1.0","id":"1","source":"/a","type":"b.c"}',
    type: "b.c",
    id: "/a 1",
    proof: ["authorization"],
    signsBody: false,
  },
  {
    name: "cloudevents with an hmac",
    provider: (secret) => cloudEventsProvider({ hmac: { secret, header: "x-signature" } }),
    secret: text,
    headers: { "content-type": "application/cloudevents+json" },
    body: '{"specversion":"1.0","id":"1","source":"/a","type":"b.c"}',
    type: "b.c",
    id: "/a 1",
    proof: ["x-signature"],
    signsBody: true,
  },
  {
    name: "hmac",
    provider: (secret) =>
      hmacProvider({
        secret,
        header: "X-Signature",
        algorithm: "sha512",
        encoding: "base64",
        prefix: "sig:",
        timestampHeader: "X-Time",
        idHeader: "X-Id",
        signed: "{id}.{timestamp}.{body}",
        typePointer: "/event/type",
      }),
    secret: text,
    headers: { ...json, "x-id": "i-1" },
    body: '{"event":{"type":"a.b"}}',
    type: "a.b",
    id: "i-1",
    proof: ["x-signature", "x-time", "x-id"],
    signsBody: true,
    time: header("x-time"),
  },
];

/** A moment that tests agree on. */
export const now: Date = new Date("2026-11-21T12:00:00Z");

/** The headers of a scheme's event, proved by a provider. */
export function prove(
  { headers, body }: Pick<Scheme, "headers" | "body">,
  provider: HookProvider,
  sentAt: Date = now,
): Headers {
  return provider.sign({ headers, body: Buffer.from(body), sentAt });
}

export interface Sent {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array;
  readonly method?: string;
}

/** A delivery as it arrives; a list of values is a header that came as often. */
export function arriving({ headers, body, method = "POST" }: Sent): RawDelivery {
  const named = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const values = new Map(named);
  return {
    method,
    headerNames: [...values.keys()],
    header: (name) => {
      const value = values.get(name.toLowerCase());
      return typeof value === "object" ? null : value;
    },
    body: typeof body === "string" ? Buffer.from(body) : body,
    receivedAt: now.getTime(),
  };
}

/** What a provider makes of it. */
export function reading(provider: HookProvider, sent: Sent): DeliveryReading {
  return provider.read(arriving(sent));
}
