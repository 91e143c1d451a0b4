import type { MessageInitShape } from "@bufbuild/protobuf";
import { LRUCache } from "lru-cache";
import { ClusterService, type SelectClusterRequestSchema } from "../idl/clusters.ts";
import { FlyteError } from "../shared/errors.ts";
import type { CallContext } from "./call-context.ts";
import type { Channel } from "./channel.ts";
import { toCredentialKey } from "./credential-headers.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { assertPlaintextAllowed } from "./options.ts";

type SelectClusterRequest = MessageInitShape<typeof SelectClusterRequestSchema>;

export interface ClusterRouterOptions {
  readonly endpoint: Endpoint;
  readonly allowPlaintext: boolean;
  /** The channel to the control plane itself. */
  readonly channel: Channel;
  /** Opens a channel to another host with the same settings. */
  readonly open: (baseUrl: string) => Channel;
}

const keptAnswers = 128;
const keptForMs = 600_000;

/**
 * Finds the host that serves an operation on a resource by asking `ClusterService.SelectCluster`.
 * Answers are kept by operation and resource, failures are not; equal questions of one caller
 * asked at once are asked once. Never moves from https to http.
 */
export class ClusterRouter {
  readonly #options: ClusterRouterOptions;
  readonly #answers = new LRUCache<string, Channel>({
    max: keptAnswers,
    ttl: keptForMs,
    ttlResolution: 0, // a timer otherwise
  });
  readonly #asking = new Map<string, Promise<Channel>>();
  readonly #channels = new Map<string, Channel>();

  constructor(options: ClusterRouterOptions) {
    this.#options = options;
  }

  /**
   * At once where the answer is known.
   *
   * @throws FlyteError `invalid_config` when the answer would send credentials in plain text
   */
  route(question: SelectClusterRequest, call: CallContext): Channel | Promise<Channel> {
    const key = toKey(question);
    return this.#answers.get(key) ?? this.#askOnce(key, question, call);
  }

  async #askOnce(key: string, question: SelectClusterRequest, call: CallContext): Promise<Channel> {
    const auth = await this.#options.channel.credential(call);
    // A refusal is meant for one credential only, so callers do not wait for each other's answers.
    const askingKey = `${key}\n${toCredentialKey(auth)}`;
    let asking = this.#asking.get(askingKey);
    if (asking === undefined) {
      // Others may wait for the same answer, so one caller's signal must not end it.
      asking = this.#ask(question, { ...call, auth: call.auth ?? auth, signal: undefined });
      this.#asking.set(askingKey, asking);
      const forget = (): boolean => this.#asking.delete(askingKey);
      asking.then((channel) => {
        this.#answers.set(key, channel);
        forget();
      }, forget);
    }
    return asking;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#channels.values()].map((channel) => channel.close()));
  }

  async #ask(question: SelectClusterRequest, call: CallContext): Promise<Channel> {
    const { channel } = this.#options;
    try {
      const answer = await channel.unary(ClusterService.method.selectCluster, question, call);
      return this.#toChannel(answer.clusterEndpoint);
    } catch (error) {
      // A control plane without clusters serves everything itself.
      if (FlyteError.is(error) && error.code === "unimplemented") return channel;
      throw error;
    }
  }

  #toChannel(text: string): Channel {
    const { endpoint, allowPlaintext, channel, open } = this.#options;
    if (text === "") return channel;
    const target = parseClusterEndpoint(text, endpoint);
    // Behind a proxy that ends TLS, a control plane names its own host with the wrong scheme.
    if (target.host === endpoint.host) return channel;
    if (endpoint.secure && !target.secure) {
      throw new FlyteError(
        "invalid_config",
        `The control plane named the cluster ${target.baseUrl}, which is plain text. Credentials ` +
          "that came over https are not sent there; give the cluster an https:// address.",
      );
    }
    assertPlaintextAllowed(target, allowPlaintext);
    let opened = this.#channels.get(target.baseUrl);
    if (opened === undefined) {
      opened = open(target.baseUrl);
      this.#channels.set(target.baseUrl, opened);
    }
    return opened;
  }
}

function parseClusterEndpoint(text: string, endpoint: Endpoint): Endpoint {
  try {
    return parseEndpoint(text, { insecure: !endpoint.secure });
  } catch (cause) {
    throw new FlyteError(
      "internal",
      "The control plane named a cluster endpoint that is not valid.",
      { cause },
    );
  }
}

function toKey(question: SelectClusterRequest): string {
  return JSON.stringify([question.operation, question.resource]);
}
