import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Transport } from "@connectrpc/connect";
import { lookupHost } from "../shared/lookup-host.ts";
import type { TlsSettings } from "./options.ts";

export interface StreamTransportOptions {
  readonly baseUrl: string;
  readonly tls: TlsSettings;
  readonly maxResponseBytes: number;
}

export interface StreamTransport {
  readonly stream: Transport["stream"];
  /** Ends every stream under way. */
  close(): Promise<void>;
}

/** The stock Connect transport over HTTP/1.1 for streams, loaded with the first of them. */
export function createStreamTransport(options: StreamTransportOptions): StreamTransport {
  const secure = options.baseUrl.startsWith("https:");
  const agent = secure
    ? new HttpsAgent({ ...options.tls, lookup: lookupHost, keepAlive: true })
    : new HttpAgent({ lookup: lookupHost, keepAlive: true });
  let loading: Promise<Transport> | undefined;

  async function load(): Promise<Transport> {
    const { createConnectTransport } = await import("@connectrpc/connect-node");
    return createConnectTransport({
      baseUrl: options.baseUrl,
      httpVersion: "1.1",
      acceptCompression: [],
      readMaxBytes: options.maxResponseBytes,
      nodeOptions: { agent },
    });
  }

  return {
    async stream(...args) {
      loading ??= load();
      return (await loading).stream(...args);
    },
    async close() {
      agent.destroy();
    },
  };
}
