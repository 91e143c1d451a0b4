import { once } from "node:events";
import { type Agent, request as createRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

export interface AppAnswer {
  readonly status: number;
  readonly body: string;
}

export interface AskAppOptions {
  /** Sent as a bearer. */
  readonly key?: string | undefined;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** False takes a new connection. @default Node.js' own */
  readonly agent?: Agent | false;
}

/** Asks an app by its public address, which this machine's resolver may not know. */
export async function askApp(
  endpoint: string,
  path: string,
  { key, method = "GET", body = "", headers = {}, agent }: AskAppOptions = {},
): Promise<AppAnswer> {
  const { host, port } = new URL(endpoint);
  const request = createRequest({
    ...{ host: "127.0.0.1", port, path, method },
    headers: { host, ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
    ...(agent !== undefined && { agent }),
  });
  request.end(body);
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}
