import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConnectError, HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { IdentityService } from "../../src/idl/auth.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { EchoApps } from "./echo/echo-apps.ts";
import { EchoRuns } from "./echo/echo-runs.ts";
import { EchoSecrets } from "./echo/echo-secrets.ts";
import { EchoStore } from "./echo/echo-store.ts";
import { EchoTasks } from "./echo/echo-tasks.ts";
import { EchoTriggers } from "./echo/echo-triggers.ts";
import type { See, SeenCall } from "./echo/seen-call.ts";

/**
 * A control plane that answers constants and writes down who asked: what a gateway forwards can be
 * proved with it, and it fails on request. Apps and triggers remember how they were switched.
 */
export class ControlPlaneStub implements AsyncDisposable {
  readonly calls: SeenCall[] = [];
  /** Fails the calls of a method until it is deleted. */
  readonly failures: Map<string, ConnectError> = new Map();
  readonly apps: EchoApps = new EchoApps(() => this.url);
  readonly runs: EchoRuns = new EchoRuns();
  readonly secrets: EchoSecrets = new EchoSecrets();
  readonly store: EchoStore = new EchoStore();
  readonly tasks: EchoTasks = new EchoTasks();
  readonly triggers: EchoTriggers = new EchoTriggers();
  readonly #server: Server;

  private constructor() {
    const see: See = (method, context) => this.#see(method, context);
    const handler = connectNodeAdapter({
      routes: (router) => {
        router.service(IdentityService, {
          userInfo: (_request, context) => {
            see("userInfo", context);
            const subject = context.requestHeader.get("authorization") ?? "";
            return { subject, name: "Ada" };
          },
        });
        router.service(ClusterService, {
          selectCluster: (_request, context) => {
            see("selectCluster", context);
            return {};
          },
        });
        this.apps.serve(router, see);
        this.runs.serve(router, see);
        this.secrets.serve(router, see);
        this.store.serve(router, see, () => this.url);
        this.tasks.serve(router, see);
        this.triggers.serve(router, see);
      },
    });
    this.#server = createServer((request, response) => {
      const isTaken = this.store.take(request, response) || this.apps.take(request, response);
      if (!isTaken) handler(request, response);
    });
  }

  static async start(): Promise<ControlPlaneStub> {
    const stub = new ControlPlaneStub();
    await new Promise<void>((resolve) => stub.#server.listen(0, "127.0.0.1", resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The methods called since the last time this was asked, in order. */
  takeMethods(): readonly string[] {
    return this.calls.splice(0).map(({ method }) => method);
  }

  /** Forgets what was asked, switched and stored, and fails nothing. */
  reset(): void {
    this.calls.length = 0;
    this.failures.clear();
    const { apps, runs, secrets, store, tasks, triggers } = this;
    for (const part of [apps, runs, secrets, store, tasks, triggers]) part.reset();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #see(method: string, { requestHeader }: HandlerContext): void {
    this.calls.push({
      method,
      authorization: requestHeader.get("authorization"),
      cookie: requestHeader.get("cookie"),
    });
    const failure = this.failures.get(method);
    if (failure !== undefined) throw failure;
  }
}
