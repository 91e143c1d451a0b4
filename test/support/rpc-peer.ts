import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { formatApiKey, generateApiKey, hashSecret } from "../../src/devbox/auth/api-key.ts";
import { seedState } from "../../src/devbox/auth/seed.ts";
import type { AnswerRpc, RpcOptions } from "../../src/devbox/server/rpc-options.ts";
import { type Database, openDatabase } from "../../src/devbox/store/database.ts";
import { insertApiKey } from "../../src/devbox/store/identities.ts";
import { migrate } from "../../src/devbox/store/migrations.ts";
import { type CallEvent, createEchoProjects } from "./echo-projects.ts";
import { createEchoRuns } from "./echo-runs.ts";
import { createLog } from "./log.ts";

/** What a peer says of a request that its handler leaves to another. */
export const notTaken = 599;

/** A server that has nothing but one handler of RPCs, in front of services that echo. */
export interface RpcPeer extends AsyncDisposable {
  readonly port: number;
  readonly shutdown: AbortController;
  readonly logged: readonly string[];
  /** How often it has happened. */
  count(event: CallEvent): number;
  /** Settles with the next event of a call. */
  next(event: CallEvent): Promise<void>;
  /** Settles with why the next answer is not delivered. */
  undelivered(): Promise<unknown>;
}

/** Starts a peer on a free port. */
export async function startRpcPeer(
  createHandler: (options: RpcOptions) => AnswerRpc,
  database: Database,
): Promise<RpcPeer> {
  const shutdown = new AbortController();
  const { logger, lines } = createLog();
  const waiting = new Map<CallEvent, () => void>();
  let onUndelivered: (error: unknown) => void = () => undefined;
  const counts = new Map<CallEvent, number>();
  const count = (event: CallEvent): number => counts.get(event) ?? 0;
  const tell = (event: CallEvent): void => {
    counts.set(event, count(event) + 1);
    waiting.get(event)?.();
  };
  const handler = createHandler({
    services: [createEchoProjects(tell), createEchoRuns(tell)],
    authentication: { database, anonymous: undefined },
    log: logger,
    shutdownSignal: shutdown.signal,
  });
  const server = createServer((request, response) => {
    request.on("error", () => response.destroy());
    const answered = handler(request, response);
    if (answered === undefined) response.writeHead(notTaken).end();
    else answered.catch((error: unknown) => onUndelivered(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port, // It listens on TCP.
    shutdown,
    logged: lines,
    count,
    next: (event) => new Promise((resolve) => waiting.set(event, resolve)),
    undelivered: () =>
      new Promise((resolve) => {
        onUndelivered = resolve;
      }),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A state in memory, and the header that a caller with a key sends. */
export function createCallerState(): {
  readonly database: Database;
  readonly authorization: string;
} {
  const database = openDatabase(":memory:");
  migrate(database);
  seedState(database, 0);
  const key = generateApiKey();
  insertApiKey(database, {
    id: key.id,
    secret_hash: hashSecret(key.secret),
    subject: "alice",
    name: "test",
    created_at: 0,
    expires_at: null,
    revoked_at: null,
  });
  return { database, authorization: `Bearer ${formatApiKey(key)}` };
}

export interface SentRpc {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface RpcAnswer {
  readonly status: number | undefined;
  /** All but the date. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Each byte a character. */
  readonly body: string;
}

/** Sends a request on a connection of its own. */
export async function sendRpc({ port }: RpcPeer, sent: SentRpc): Promise<RpcAnswer> {
  const { method = "POST", path, headers = {}, body = new Uint8Array() } = sent;
  const request = httpRequest({ port, path, method, headers, agent: false });
  request.end(body);
  const [response] = await once(request, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { date: _, ...kept } = response.headers;
  const text = Buffer.concat(chunks).toString("latin1");
  return { status: response.statusCode, headers: kept, body: text };
}
