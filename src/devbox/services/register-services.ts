import type { ConnectRouter } from "@connectrpc/connect";
import { AuthMetadataService, IdentityService } from "../../idl/auth.ts";
import { ClusterService } from "../../idl/clusters.ts";
import { DataProxyService } from "../../idl/data-proxy.ts";
import { ProjectService } from "../../idl/projects.ts";
import { RunService } from "../../idl/runs.ts";
import { TaskService } from "../../idl/tasks.ts";
import type { Engine } from "../engine/create-engine.ts";
import type { Executor } from "../executor/executor.ts";
import { createGetActionData } from "./action-data.ts";
import { createAuthMetadataService } from "./auth-metadata-service.ts";
import { createClusterService } from "./cluster-service.ts";
import { createDataProxyService, type DataProxyServiceOptions } from "./data-proxy-service.ts";
import { createIdentityService } from "./identity-service.ts";
import { createProjectService } from "./project-service.ts";
import { createRunService } from "./run-service.ts";
import { createTailLogs } from "./tail-logs.ts";
import { createTaskService } from "./task-service.ts";

/** What the services work on. */
export interface RegisterServicesOptions
  extends Omit<DataProxyServiceOptions, "getActionData" | "tailLogs"> {
  readonly engine: Engine;
  readonly executor: Executor;
}

/** Puts every service of the devbox on the router. A method that is left out is unimplemented. */
export function registerServices(router: ConnectRouter, options: RegisterServicesOptions): void {
  router.service(AuthMetadataService, createAuthMetadataService());
  router.service(IdentityService, createIdentityService());
  router.service(ClusterService, createClusterService());
  router.service(ProjectService, createProjectService(options));
  router.service(TaskService, createTaskService(options));
  const getActionData = createGetActionData(options);
  const tailLogs = createTailLogs(options);
  router.service(DataProxyService, createDataProxyService({ ...options, getActionData, tailLogs }));
  router.service(RunService, createRunService(options));
}
