import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import type { ControlPlaneOptions } from "../../src/client/options.ts";
import {
  type App,
  AppSchema,
  AppService,
  type AppWatchResponseSchema,
  Spec_DesiredState,
  Status_DeploymentStatus,
} from "../../src/idl/apps.ts";
import { type StubControlPlane, startStub } from "./scripted-control-plane.ts";

export const on: Spec_DesiredState = Spec_DesiredState.STARTED;
export const off: Spec_DesiredState = Spec_DesiredState.STOPPED;

export interface StubApp {
  readonly name?: string;
  readonly project?: string;
  readonly org?: string;
  readonly revision?: bigint;
  readonly desired?: Spec_DesiredState;
  readonly message?: string;
  /** Without conditions when it is left out. */
  readonly phase?: keyof typeof Status_DeploymentStatus | number | undefined;
}

/** The app `site` of project `p` and domain `d`, in the given state. */
export function stubApp({ phase, ...given }: StubApp = {}): App {
  const { name = "site", project = "p", org = "", revision = 3n, message = "" } = given;
  const deploymentStatus = typeof phase === "string" ? Status_DeploymentStatus[phase] : phase;
  return create(AppSchema, {
    metadata: { id: { org, project, domain: "d", name }, revision },
    spec: { desiredState: given.desired ?? 0 },
    status: {
      ingress: { publicUrl: `https://${name}.example.com` },
      conditions: deploymentStatus === undefined ? [] : [{ deploymentStatus, message }],
    },
  });
}

export type AppEvent = MessageInitShape<typeof AppWatchResponseSchema>;

export function created(app: App): AppEvent {
  return { event: { case: "createEvent", value: { app } } };
}

export function updated(updatedApp: App): AppEvent {
  return { event: { case: "updateEvent", value: { updatedApp } } };
}

export function deleted(app: App): AppEvent {
  return { event: { case: "deleteEvent", value: { app } } };
}

/** What one subscription tells, maybe with a failure or silence at its end; else it ends cleanly. */
export type Subscription = readonly (AppEvent | Code | "silence")[];

export interface AppControlPlane {
  readonly flyte: ControlPlane;
  readonly stub: StubControlPlane;
  /** What `Get` answers. */
  app: App | undefined;
  /** What `Update` answers; without it the app it was sent, in the state that asks for. */
  answer: ((sent: App) => App | undefined) | undefined;
  readonly updates: { readonly app: App | undefined; readonly reason: string }[];
  /** Subscriptions by their number, the last one again and again. */
  subscriptions: readonly Subscription[];
  /** Numbers of the subscriptions that are over. */
  readonly ended: number[];
}

/** A control plane with one app, gone when the test is. */
export async function startAppControlPlane(
  app?: App,
  options: Omit<ControlPlaneOptions, "endpoint"> = {},
): Promise<AppControlPlane> {
  let subscribed = 0;
  const stub = await startStub((router) => {
    router.service(AppService, {
      get({ identifier }) {
        const id = plane.app?.metadata?.id;
        const isIt = identifier.case === "appId" && identifier.value.name === id?.name;
        if (plane.app === undefined || !isIt) throw new ConnectError("no such app", Code.NotFound);
        return { app: plane.app };
      },
      create({ app: sent }) {
        if (plane.app !== undefined) throw new ConnectError("it exists", Code.AlreadyExists);
        return sent === undefined ? {} : { app: settled(sent) };
      },
      update({ app: sent, reason }) {
        plane.updates.push({ app: sent, reason });
        if (sent === undefined) throw new ConnectError("no app", Code.InvalidArgument);
        const answered = plane.answer === undefined ? settled(sent) : plane.answer(sent);
        return answered === undefined ? {} : { app: answered };
      },
      async *watch(_request, { signal }) {
        const number = subscribed++;
        const steps = plane.subscriptions[Math.min(number, plane.subscriptions.length - 1)] ?? [];
        try {
          for (const step of steps) {
            if (step === "silence") {
              await new Promise((resolve) => signal.addEventListener("abort", resolve));
            } else if (typeof step === "number") throw new ConnectError("no", step);
            else yield step;
          }
        } finally {
          plane.ended.push(number);
        }
      },
    });
  });
  const scope = { project: "p", domain: "d" };
  const flyte = createControlPlane({ endpoint: stub.url, ...scope, ...options });
  onTestFinished(() => flyte.close());
  const plane: AppControlPlane = {
    flyte,
    stub,
    app,
    answer: undefined,
    updates: [],
    subscriptions: [],
    ended: [],
  };
  return plane;
}

function settled(sent: App): App {
  const { desiredState } = sent.spec ?? { desiredState: 0 };
  return stubApp({ revision: 4n, desired: desiredState, phase: desiredState === off ? 4 : 7 });
}
