import {
  Code,
  ConnectError,
  createServiceImplSpec,
  type ServiceImpl,
  type ServiceImplSpec,
} from "@connectrpc/connect";
import { callerKey } from "../../src/devbox/auth/caller.ts";
import { ProjectService } from "../../src/idl/projects.ts";
import { FlyteError } from "../../src/shared/errors.ts";

type GetProject = ServiceImpl<typeof ProjectService>["getProject"];

/** What happens in a call, for tests that wait for it. */
export type CallEvent = "called" | "aborted" | "sending";

export type Tell = (event: CallEvent) => void;

const behaviours: Readonly<Record<string, GetProject>> = {
  long: () => ({ project: { description: "a long answer ".repeat(200) } }),
  headers: (_, { responseHeader, responseTrailer }) => {
    responseHeader.set("x-one", "1");
    responseHeader.append("x-many", "a");
    responseHeader.append("x-many", "b");
    responseTrailer.set("x-late", "2");
    return {};
  },
  refused: () => {
    throw new FlyteError("conflict", "The project is there already: é, 日本.");
  },
  detailed: (_, { responseHeader }) => {
    responseHeader.set("x-one", "1");
    throw new ConnectError("with metadata", Code.OutOfRange, { "x-meta": "m", "x-more": "n" }, [
      { desc: ProjectService.method.getProject.input, value: { id: "detail" } },
    ]);
  },
  lengthy: () => {
    throw new FlyteError("invalid_input", "a long complaint ".repeat(200));
  },
  broken: () => {
    throw new TypeError("planted inside");
  },
  untyped: () => Promise.reject("planted inside"),
  context: (_, context) => {
    const { method, service, requestMethod, protocolName, url, requestHeader } = context;
    const known = context.timeoutMs() !== undefined;
    const parts = [
      service.typeName,
      method.name,
      requestMethod,
      protocolName,
      new URL(url).pathname,
    ];
    return { project: { description: [...parts, requestHeader.get("x-in"), known].join(" ") } };
  },
};

/** Ids that `getProject` has an answer of its own for; any other is echoed with the caller. */
export const behaviourNames: readonly string[] = Object.keys(behaviours);

/**
 * A service whose one method answers in every way that a unary method can. Asked for `wait` it does
 * nothing until it is aborted.
 */
export function createEchoProjects(tell: Tell): ServiceImplSpec {
  return createServiceImplSpec<typeof ProjectService>(ProjectService, {
    getProject: (request, context) => {
      tell("called");
      if (request.id === "wait") return untilAborted(context.signal, tell);
      const behaviour = behaviours[request.id];
      if (behaviour !== undefined) return behaviour(request, context);
      const caller = context.values.get(callerKey)?.subject ?? "nobody";
      return { project: { id: request.id, name: caller } };
    },
  });
}

/** Waits for the abort of a call and throws its reason. */
export async function untilAborted(signal: AbortSignal, tell: Tell): Promise<never> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  tell("aborted");
  throw signal.reason;
}
