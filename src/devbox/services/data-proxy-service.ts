import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { ArtifactType, type DataProxyService } from "../../idl/data-proxy.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Authorizer, callerKey } from "../auth/caller.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { Database } from "../store/database.ts";
import { readTaskId } from "./deployed-task.ts";
import { required, requiredText, requireProject } from "./scope.ts";
import { readTriggerName } from "./trigger-names.ts";
import { readUploadScope, uploadInputs } from "./upload-inputs.ts";
import { createUploadLocation } from "./upload-location.ts";

type Methods = ServiceImpl<typeof DataProxyService>;

/** What the service works on. */
export interface DataProxyServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  readonly blobs: BlobStore;
  readonly uploadKey: Uint8Array;
  /** Where the caller of this request reaches the devbox, without a trailing slash. */
  readonly baseUrl: (context: HandlerContext) => string;
  readonly getActionData: Methods["getActionData"];
  readonly tailLogs: Methods["tailLogs"];
}

/** `flyteidl2.dataproxy.DataProxyService`: uploads, inputs and outputs, logs. No reports yet. */
export function createDataProxyService(options: DataProxyServiceOptions): Methods {
  const { database, authorizer, blobs, uploadKey, baseUrl } = options;
  return {
    createUploadLocation: (request, context) => {
      const project = requiredText(request.project, "project", 63);
      const domain = requiredText(request.domain, "domain", 63);
      authorizer.require(context.values.get(callerKey), "run", { project, domain });
      requireProject(database, project);
      return createUploadLocation(request, {
        blobs,
        uploadKey,
        baseUrl: baseUrl(context),
        now: Date.now(),
      });
    },
    uploadInputs: (request, context) => {
      const scope = readUploadScope(request);
      const caller = authorizer.require(context.values.get(callerKey), "run", scope);
      requireProject(database, scope.project);
      if (request.task.case === "taskId") {
        authorizer.require(caller, "read", readTaskId(request.task.value));
      }
      if (request.task.case === "triggerName") {
        authorizer.require(caller, "read", readTriggerName(request.task.value));
      }
      return uploadInputs(request, { database, blobs });
    },
    createDownloadLink: ({ artifactType, source }, context) => {
      if (artifactType !== ArtifactType.REPORT || source.case !== "actionAttemptId") {
        throw new FlyteError(
          "invalid_input",
          "Only reports can be downloaded, named by action_attempt_id.",
        );
      }
      const run = required(source.value.actionId?.run, "action_attempt_id.action_id.run");
      authorizer.require(context.values.get(callerKey), "read", run);
      throw new FlyteError("not_found", "The attempt has no report.");
    },
    getActionData: options.getActionData,
    tailLogs: options.tailLogs,
  };
}
