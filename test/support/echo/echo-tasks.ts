import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { SimpleType } from "../../../src/idl/literals.ts";
import { TaskService } from "../../../src/idl/tasks.ts";
import type { See } from "./seen-call.ts";

/** Inputs of tasks that are made for a purpose; all of them are texts. */
const known: Readonly<Record<string, readonly string[]>> = {
  "build-image": ["spec", "context", "target_image"],
  "prefetch.hf_model": ["repo", "artifact_name", "short_description"],
};

/** What a list of all tasks has. */
function listed(scopeBy: { readonly case: string | undefined; readonly value?: unknown }) {
  const { name: project, domain } = scopeBy.value as { name: string; domain: string }; // a project
  return ["allowed.main", "other.main"].map((name) => ({
    taskId: { project, domain, name, version: "v1" },
  }));
}

/**
 * Tasks are there, with an integer input `x`, in every project, unless their name begins with
 * `absent`.
 */
export class EchoTasks {
  /** Text inputs of a task by its name, in place of those it has. */
  readonly inputs: Map<string, readonly string[]> = new Map(Object.entries(known));
  /** Tasks that are in one `project/domain` alone. */
  readonly places: Map<string, string> = new Map();
  /** Tasks that are not there. */
  readonly absent: Set<string> = new Set();

  reset(): void {
    this.inputs.clear();
    for (const [name, inputs] of Object.entries(known)) this.inputs.set(name, inputs);
    this.absent.clear();
    this.places.clear();
  }

  serve(router: ConnectRouter, see: See): void {
    router.service(TaskService, {
      listTasks: ({ request, scopeBy }, context) => {
        see("listTasks", context);
        const name = request?.filters[0]?.values[0];
        if (name === undefined) return { tasks: listed(scopeBy) };
        const scope =
          scopeBy.case === "projectId" ? `${scopeBy.value.name}/${scopeBy.value.domain}` : "";
        const isElsewhere = (this.places.get(name) ?? scope) !== scope;
        return {
          tasks: isElsewhere || this.#isAbsent(name) ? [] : [{ taskId: { name, version: "v1" } }],
        };
      },
      getTaskDetails: ({ taskId }, context) => {
        see("getTaskDetails", context);
        if (taskId === undefined || this.#isAbsent(taskId.name)) {
          throw new ConnectError("no such task", Code.NotFound);
        }
        const texts = this.inputs.get(taskId.name)?.map((key) => [key, SimpleType.STRING] as const);
        const variables = (texts ?? [["x", SimpleType.INTEGER] as const]).map(([key, value]) => ({
          key,
          value: { type: { type: { case: "simple" as const, value } } },
        }));
        const taskTemplate = {
          type: "typescript",
          interface: { inputs: { variables } },
          target: { case: "container" as const, value: { image: "image", args: ["run"] } },
        };
        return { details: { taskId, spec: { taskTemplate } } };
      },
    });
  }

  #isAbsent(name: string): boolean {
    return name.startsWith("absent") || this.absent.has(name);
  }
}
