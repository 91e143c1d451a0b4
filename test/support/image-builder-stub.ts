import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { ClusterService } from "../../src/idl/clusters.ts";
import {
  type CreateUploadLocationRequest,
  DataProxyService,
  type UploadInputsRequest,
} from "../../src/idl/data-proxy.ts";
import { ImageService, ImageSpecSchema } from "../../src/idl/images.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { type CreateRunRequest, RunService } from "../../src/idl/runs.ts";
import { type TaskDetails, TaskDetailsSchema, TaskService } from "../../src/idl/tasks.ts";
import { type StubControlPlane, startStub } from "./scripted-control-plane.ts";
import { type StoreStub, startStore } from "./store-stub.ts";

/** What happens in place of an answer, by method. */
export type Failures = Partial<
  Record<"selectCluster" | "getImage" | "listTasks" | "getTaskDetails" | "createRun", ConnectError>
>;

export interface ImageBuilderStub extends StubControlPlane {
  readonly store: StoreStub;
  /** What it was asked, in plain words: the question, and the caller's credential. */
  readonly questions: { readonly asked: unknown; readonly caller: string | null }[];
  readonly uploads: CreateUploadLocationRequest[];
  readonly inputs: UploadInputsRequest[];
  readonly runs: CreateRunRequest[];
  /** The image specification that was stored last. */
  readStored(): MessageInitShape<typeof ImageSpecSchema>;
}

export interface ImageBuilderOptions {
  /** Where every image is. @default no image exists */
  readonly fqin?: string;
  readonly failures?: Failures;
  /** The `authorization` of the caller whose calls fail. @default every caller's */
  readonly failing?: string;
  /** @default the builder of Flyte, in `system`/`production` */
  readonly builder?: TaskDetails;
  readonly builderDomain?: string;
}

/** A control plane with an image builder and a store. */
export async function startImageBuilder({
  fqin,
  failures = {},
  failing,
  builder = stubBuilder(),
  builderDomain = "production",
}: ImageBuilderOptions = {}): Promise<ImageBuilderStub> {
  const store = await startStore();
  const questions: ImageBuilderStub["questions"] = [];
  const uploads: CreateUploadLocationRequest[] = [];
  const inputs: UploadInputsRequest[] = [];
  const runs: CreateRunRequest[] = [];
  const note = (context: HandlerContext, asked: unknown): void => {
    questions.push({ asked, caller: context.requestHeader.get("authorization") });
  };
  const check = (method: keyof Failures): void => {
    const isMeant = failing === undefined || questions.at(-1)?.caller === failing;
    if (isMeant && failures[method] !== undefined) throw failures[method];
  };
  const stub = await startStub((router) => {
    router.service(ClusterService, {
      selectCluster({ operation, resource }, context) {
        const { name, domain } = resource.value as { name: string; domain: string };
        note(context, ["SelectCluster", Number(operation), name, domain]);
        if (Number(operation) === 10) check("selectCluster");
        return {};
      },
    });
    router.service(ImageService, {
      getImage({ id, organization, projectId }, context) {
        const { name = "", domain = "" } = projectId ?? {};
        note(context, ["GetImage", id?.name, organization, name, domain]);
        check("getImage");
        if (fqin === undefined) throw new ConnectError("no such image", Code.NotFound);
        return { image: { ...(id && { id }), fqin } };
      },
    });
    router.service(TaskService, {
      listTasks({ scopeBy, request }, context) {
        const { name, domain } = scopeBy.value as { name: string; domain: string };
        note(context, ["ListTasks", name, domain, request?.filters[0]?.values[0]]);
        check("listTasks");
        const { taskId } = builder;
        return { tasks: domain === builderDomain && taskId !== undefined ? [{ taskId }] : [] };
      },
      getTaskDetails({ taskId }, context) {
        note(context, ["GetTaskDetails", taskId?.name, taskId?.version]);
        check("getTaskDetails");
        return { details: builder };
      },
    });
    router.service(DataProxyService, {
      createUploadLocation(request, context) {
        note(context, ["CreateUploadLocation", request.filename]);
        uploads.push(request);
        const md5 = Buffer.from(request.contentMd5).toString("hex");
        const path = `${md5}/${request.filename}`;
        return { signedUrl: `${store.url}/${path}`, nativeUrl: `s3://bucket/${path}` };
      },
      uploadInputs(request, context) {
        note(context, ["UploadInputs"]);
        inputs.push(request);
        return { offloadedInputData: { uri: "s3://bucket/inputs", inputsHash: "hash" } };
      },
    });
    router.service(RunService, {
      createRun(request, context) {
        note(context, ["CreateRun"]);
        check("createRun");
        runs.push(request);
        const { name, domain } = request.id.value as { name: string; domain: string };
        const run = { org: "", project: name, domain, name: `build${runs.length}` };
        return { run: { action: { id: { run, name: "a0" }, status: { phase: 1, attempts: 0 } } } };
      },
    });
  });
  return {
    ...stub,
    store,
    questions,
    uploads,
    inputs,
    runs,
    readStored: () => fromBinary(ImageSpecSchema, store.puts.at(-1)?.body ?? new Uint8Array()),
  };
}

/** The task that builds images, with these inputs. */
export function stubBuilder(
  inputs: readonly string[] = ["spec", "context", "target_image"],
): TaskDetails {
  const text = { type: { type: { case: "simple" as const, value: SimpleType.STRING } } };
  const variables = inputs.map((key) => ({ key, value: text }));
  return create(TaskDetailsSchema, {
    taskId: {
      org: "",
      project: "system",
      domain: "production",
      name: "build-image",
      version: "v3",
    },
    spec: { taskTemplate: { type: "python", interface: { inputs: { variables } } } },
  });
}
