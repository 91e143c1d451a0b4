import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { createAppRoutes } from "../../src/devbox/apps/app-routes.ts";
import type { AppRuntime, Lease } from "../../src/devbox/apps/app-runtime.ts";
import { formatApiKey, generateApiKey, hashSecret } from "../../src/devbox/auth/api-key.ts";
import { createAuthorizer } from "../../src/devbox/auth/create-authorizer.ts";
import { type GatewayOptions, startGateway } from "../../src/devbox/gateway/start-gateway.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { openState } from "../../src/devbox/state.ts";
import type { AppRow } from "../../src/devbox/store/apps.ts";
import { insertApiKey, insertUser } from "../../src/devbox/store/identities.ts";
import { AppSchema, type SpecSchema } from "../../src/idl/apps.ts";
import { FlyteError } from "../../src/shared/errors.ts";

/** A gateway in front of apps that are servers of the test. */
export interface TestGateway extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  readonly keys: Readonly<Record<string, string>>;
  /** Makes an app; returns its `Host`. Without a place to go it is stopped. */
  add(name: string, acquire?: Acquire, spec?: MessageInitShape<typeof SpecSchema>): string;
  /** Makes a user without any right; returns a key. */
  addUser(subject: string): string;
  /** Leases that were not given back. */
  readonly leases: number;
  /** How often the runtime was asked for a place. */
  readonly asked: number;
  close(): Promise<void>;
}

/** The runtime's side of an app, which does what the test says. */
export type Acquire = (signal: AbortSignal) => Promise<Place> | Place;

/** A replica of the test. */
export interface Place {
  readonly port: number;
  readonly ended?: AbortSignal;
}

/** An app that lets strangers in. */
export const anonymous = { securityContext: { allowAnonymous: true } } as const;

/** The gateway of all tests of a file. */
export function useTestGateway(): TestGateway {
  let started: TestGateway | undefined;
  const gateway = (): TestGateway => {
    if (started === undefined) throw new Error("The gateway has not been started.");
    return started;
  };
  beforeAll(async () => {
    started = await startTestGateway();
  });
  afterAll(() => started?.close());
  return {
    get url() {
      return gateway().url;
    },
    get port() {
      return gateway().port;
    },
    get keys() {
      return gateway().keys;
    },
    get leases() {
      return gateway().leases;
    },
    get asked() {
      return gateway().asked;
    },
    add: (...given) => gateway().add(...given),
    addUser: (subject) => gateway().addUser(subject),
    close: () => gateway().close(),
    [Symbol.asyncDispose]: () => gateway().close(),
  };
}

export async function startTestGateway(
  options: Pick<GatewayOptions, "headersTimeoutMs"> = {},
): Promise<TestGateway> {
  const state = await openState("memory");
  const { database, keys } = state;
  const gateway = await startGateway({ host: "127.0.0.1", port: 0, log: silentLogger, ...options });
  const routes = createAppRoutes({ gatewayUrl: gateway.url });
  const places = new Map<number, Acquire>();
  const open = new Set<Lease>();
  const never = new AbortController().signal;
  let asked = 0;
  const leaseOf = ({ port, ended = never }: Place): Lease => {
    const lease: Lease = {
      replica: `replica-${port}`,
      host: "127.0.0.1",
      port,
      ended,
      release: () => void open.delete(lease),
      refused: async () => undefined,
    };
    open.add(lease);
    return lease;
  };
  /** What the test has not decided yet when it is asked for a place at once. */
  let undecided: { readonly place: Promise<Place>; readonly late: AbortController } | undefined;
  const lease = (id: number): Lease | undefined => {
    asked += 1;
    const late = new AbortController();
    const decide = places.get(id);
    undecided = undefined;
    if (decide === undefined) return undefined;
    try {
      const place = decide(late.signal);
      if (!(place instanceof Promise)) return leaseOf(place);
      undecided = { place, late };
    } catch (error) {
      undecided = { place: Promise.reject(error), late };
    }
    return undefined;
  };
  const acquire = async (_id: number, signal: AbortSignal): Promise<Lease> => {
    if (undecided === undefined) throw new FlyteError("not_found", "stopped");
    const { place, late } = undecided;
    signal.addEventListener("abort", () => late.abort(signal.reason));
    return leaseOf(await place);
  };
  gateway.serve({
    // All that a gateway asks of it.
    runtime: { lease, acquire } as AppRuntime,
    routes,
    authentication: { database, anonymous: undefined },
    authorizer: createAuthorizer(database),
  });
  const close = async (): Promise<void> => {
    await gateway.close();
    await state.close();
  };
  let ids = 0;
  return {
    url: `http://127.0.0.1:${gateway.port}`,
    port: gateway.port,
    keys,
    add: (name, place, spec = {}) => {
      const row = toRow(++ids, name, spec);
      if (place !== undefined) places.set(row.id, place);
      routes.set(row);
      return new URL(routes.publicUrl(row)).host;
    },
    addUser: (subject) => {
      const key = generateApiKey();
      insertUser(database, { subject, name: subject, email: "" }, 0);
      insertApiKey(database, {
        id: key.id,
        secret_hash: hashSecret(key.secret),
        subject,
        name: "test",
        created_at: 0,
        expires_at: null,
        revoked_at: null,
      });
      return formatApiKey(key);
    },
    get leases() {
      return open.size;
    },
    get asked() {
      return asked;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A row as it is stored. */
function toRow(id: number, name: string, spec: MessageInitShape<typeof SpecSchema>): AppRow {
  const app = toBinary(AppSchema, create(AppSchema, { spec }));
  const by = { reason: "", created_by: "alice", changed_by: "alice", created_at: 0, updated_at: 0 };
  return { id, name, project: "flytesnacks", domain: "development", revision: 1, app, ...by };
}

/** An app of the test that speaks HTTP. */
export async function httpApp(listener: RequestListener): Promise<Place & { server: Server }> {
  const server = createServer(listener);
  return { port: await listenForTest(server), server };
}

/** An app below HTTP: sees bytes, and answers with what it likes. */
export async function rawApp(
  onConnection: (socket: Socket) => void,
): Promise<Place & { server: ReturnType<typeof createTcpServer> }> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  return { port: await listenForTest(server), server };
}

async function listenForTest(server: ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port; // It listens on TCP.
}
