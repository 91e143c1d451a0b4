import { createServer } from "node:net";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { UserInfoResponseSchema } from "../src/idl/auth.ts";
import { SelectClusterResponseSchema } from "../src/idl/clusters.ts";
import { UploadInputsResponseSchema } from "../src/idl/data-proxy.ts";
import { ActionPhase } from "../src/idl/identifiers.ts";
import { SimpleType } from "../src/idl/literals.ts";
import {
  CreateRunResponseSchema,
  GetRunDetailsResponseSchema,
  WatchActionDetailsResponseSchema,
} from "../src/idl/runs.ts";
import { GetTaskDetailsResponseSchema, ListTasksResponseSchema } from "../src/idl/tasks.ts";

/**
 * A control plane that answers each RPC with the same bytes and does nothing else, so that what is
 * measured in front of it is the webhook. Sockets are read by hand: an HTTP server would cost more
 * than the bare proxy under test.
 */
const scope = { project: "flytesnacks", domain: "development" };
const runId = { org: "", ...scope, name: "r0123456789abcdefghi" };
const taskId = { org: "", ...scope, name: "stats.describe", version: "1" };
const action = {
  id: { run: runId, name: "a0" },
  status: { phase: ActionPhase.RUNNING, attempts: 1 },
};

const answers: ReadonlyMap<string, Buffer> = new Map([
  answer("auth.IdentityService/UserInfo", UserInfoResponseSchema, { subject: "alice", name: "A" }),
  answer("cluster.ClusterService/SelectCluster", SelectClusterResponseSchema, {}),
  answer("task.TaskService/ListTasks", ListTasksResponseSchema, { tasks: [{ taskId }] }),
  answer("task.TaskService/GetTaskDetails", GetTaskDetailsResponseSchema, {
    details: {
      taskId,
      spec: {
        taskTemplate: {
          type: "typescript",
          interface: {
            inputs: {
              variables: [
                {
                  key: "values",
                  value: {
                    type: {
                      type: {
                        case: "collectionType",
                        value: { type: { case: "simple", value: SimpleType.FLOAT } },
                      },
                    },
                  },
                },
              ],
            },
          },
        },
      },
    },
  }),
  answer("dataproxy.DataProxyService/UploadInputs", UploadInputsResponseSchema, {
    offloadedInputData: { uri: "s3://bucket/inputs/abc", inputsHash: "abc" },
  }),
  answer("workflow.RunService/CreateRun", CreateRunResponseSchema, { run: { action } }),
  answer("workflow.RunService/GetRunDetails", GetRunDetailsResponseSchema, {
    details: { action },
  }),
]);

/** A run that goes on, under whatever name it is asked for, and a watch of it that never ends. */
const goingOn = { status: action.status };
const waitedFor = answer("workflow.RunService/GetRunDetails", GetRunDetailsResponseSchema, {
  details: { action: goingOn },
})[1];
const watch = "/flyteidl2.workflow.RunService/WatchActionDetails";
const watched = stream(WatchActionDetailsResponseSchema, { details: goingOn });

const notFound = http("404 Not Found", Buffer.from("{}"), "application/json");

const server = createServer((socket) => {
  socket.setNoDelay(true);
  let pending = "";
  socket.on("data", (chunk) => {
    pending += chunk.toString("latin1");
    for (;;) {
      const end = pending.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(pending.slice(0, end))?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      const path = pending.slice(pending.indexOf(" ") + 1, pending.indexOf(" HTTP/"));
      if (path === watch) {
        socket.removeAllListeners("data").resume().write(watched);
        return;
      }
      const isWaitedFor = pending.slice(end, end + 4 + length).includes("waited-");
      pending = pending.slice(end + 4 + length);
      socket.write(isWaitedFor ? waitedFor : (answers.get(path) ?? notFound));
    }
  });
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => process.send?.({ ready: server.address() }));
process.on("disconnect", () => process.exit());

function answer<Schema extends DescMessage>(
  method: string,
  schema: Schema,
  message: MessageInitShape<Schema>,
): [string, Buffer] {
  const bytes = Buffer.from(toBinary(schema, create(schema, message)));
  return [`/flyteidl2.${method}`, http("200 OK", bytes, "application/proto")];
}

/** The beginning of a stream with one message, as the Connect protocol has it. */
function stream<Schema extends DescMessage>(
  schema: Schema,
  message: MessageInitShape<Schema>,
): Buffer {
  const bytes = Buffer.from(toBinary(schema, create(schema, message)));
  const envelope = Buffer.alloc(5);
  envelope.writeUInt32BE(bytes.length, 1);
  const size = (envelope.length + bytes.length).toString(16);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/connect+proto\r\ntransfer-encoding: chunked\r\n\r\n${size}\r\n`;
  return Buffer.concat([Buffer.from(head), envelope, bytes, Buffer.from("\r\n")]);
}

function http(status: string, body: Buffer, type: string): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
