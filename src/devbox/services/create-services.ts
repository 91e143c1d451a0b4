import type { DescService } from "@bufbuild/protobuf";
import { createServiceImplSpec, type ServiceImpl, type ServiceImplSpec } from "@connectrpc/connect";
import { ActionsService } from "../../idl/actions.ts";
import { AppLogsService } from "../../idl/app-logs.ts";
import { AppService } from "../../idl/apps.ts";
import { AuthMetadataService, IdentityService } from "../../idl/auth.ts";
import { ClusterService } from "../../idl/clusters.ts";
import { DataProxyService } from "../../idl/data-proxy.ts";
import { ImageService } from "../../idl/images.ts";
import { ProjectService } from "../../idl/projects.ts";
import { RunService } from "../../idl/runs.ts";
import { SecretService } from "../../idl/secrets.ts";
import { SignalService } from "../../idl/signals.ts";
import { TaskService } from "../../idl/tasks.ts";
import { TriggerService } from "../../idl/triggers.ts";
import type { AppRoutes } from "../apps/app-routes.ts";
import type { AppRuntime } from "../apps/app-runtime.ts";
import type { Engine } from "../engine/create-engine.ts";
import type { Executor } from "../executor/executor.ts";
import { createGetActionData } from "./action-data.ts";
import { createActionsService } from "./actions-service.ts";
import { createAppLogsService } from "./app-logs-service.ts";
import { createAppService } from "./app-service.ts";
import { createAuthMetadataService } from "./auth-metadata-service.ts";
import { createClusterService } from "./cluster-service.ts";
import { createDataProxyService, type DataProxyServiceOptions } from "./data-proxy-service.ts";
import { createIdentityService } from "./identity-service.ts";
import { createImageService } from "./image-service.ts";
import { createProjectService } from "./project-service.ts";
import { createRunService } from "./run-service.ts";
import { createSecretService } from "./secret-service.ts";
import { signalEvent } from "./signal-event.ts";
import { createTailLogs } from "./tail-logs.ts";
import { createTaskService } from "./task-service.ts";
import { createTriggerService } from "./trigger-service.ts";
import type { Turns } from "./turns.ts";

/** What the services work on. */
export interface CreateServicesOptions
  extends Omit<DataProxyServiceOptions, "getActionData" | "tailLogs"> {
  readonly engine: Engine;
  readonly executor: Executor;
  readonly appRuntime: AppRuntime;
  readonly routes: AppRoutes;
  readonly inTurn: Turns;
  /** Called after triggers were changed. */
  readonly onTriggerChange: () => void;
  /** Encrypts secrets. */
  readonly secretKey: Uint8Array;
}

/** Every service of the devbox. A method that is left out is unimplemented. */
export function createServices(options: CreateServicesOptions): readonly ServiceImplSpec[] {
  const getActionData = createGetActionData(options);
  const tailLogs = createTailLogs(options);
  return [
    serve(AuthMetadataService, createAuthMetadataService(options)),
    serve(IdentityService, createIdentityService(options)),
    serve(ClusterService, createClusterService()),
    serve(ProjectService, createProjectService(options)),
    serve(TaskService, createTaskService(options)),
    serve(DataProxyService, createDataProxyService({ ...options, getActionData, tailLogs })),
    serve(RunService, createRunService(options)),
    serve(SignalService, {
      signalEvent: (request, context) => signalEvent(request, context, options),
    }),
    serve(ActionsService, createActionsService(options)),
    serve(AppService, createAppService(options)),
    serve(AppLogsService, createAppLogsService(options)),
    serve(TriggerService, createTriggerService({ ...options, onChange: options.onTriggerChange })),
    serve(ImageService, createImageService(options)),
    serve(SecretService, createSecretService(options)),
  ];
}

/** Checks the methods against the service, which the library's function does not. */
function serve<Desc extends DescService>(
  service: Desc,
  methods: Partial<ServiceImpl<Desc>>,
): ServiceImplSpec {
  return createServiceImplSpec<Desc>(service, methods);
}
