import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { type Literal, LiteralSchema } from "../../idl/literals.ts";
import {
  type EventPayload,
  type SignalEventRequest,
  type SignalEventResponse,
  SignalEventResponseSchema,
} from "../../idl/signals.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type FoundAction, type RunServiceOptions, requireAction } from "./find-run.ts";
import { required } from "./scope.ts";

/**
 * `RunService.SignalEvent`: resolves a condition. It takes the right to run; a task cannot signal what its
 * own run waits for.
 */
export async function signalEvent(
  request: SignalEventRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): Promise<SignalEventResponse> {
  const { row, caller } = requireSignal(options, request, context);
  await options.engine.signal(row, toLiteral(request.payload), caller.subject);
  return create(SignalEventResponseSchema);
}

/** The action of a signal. @throws FlyteError `not_found`, `permission_denied`, `invalid_input` */
export function requireSignal(
  options: RunServiceOptions,
  { actionId, parentActionName }: Pick<SignalEventRequest, "actionId" | "parentActionName">,
  context: HandlerContext,
): FoundAction {
  const found = requireAction(options, actionId, context, "run");
  const { row, caller } = found;
  if (caller.onlyRun !== undefined) {
    throw new FlyteError("permission_denied", "A task cannot signal conditions of its own run.");
  }
  if (parentActionName === "" || parentActionName === row.parent) return found;
  throw new FlyteError(
    "not_found",
    `action ${JSON.stringify(row.name)} is not below action ${JSON.stringify(parentActionName.slice(0, 30))}`,
  );
}

function toLiteral(payload: EventPayload | undefined): Literal {
  const { value } = required(payload, "payload");
  switch (value.case) {
    case "boolValue":
      return primitive({ case: "boolean", value: value.value });
    case "intValue":
      return primitive({ case: "integer", value: value.value });
    case "floatValue":
      return primitive({ case: "floatValue", value: value.value });
    case "stringValue":
      return primitive({ case: "stringValue", value: value.value });
    default:
      throw new FlyteError("invalid_input", "payload must have a bool, int, float or string value");
  }
}

type Simple =
  | { readonly case: "boolean"; readonly value: boolean }
  | { readonly case: "integer"; readonly value: bigint }
  | { readonly case: "floatValue"; readonly value: number }
  | { readonly case: "stringValue"; readonly value: string };

function primitive(value: Simple): Literal {
  return create(LiteralSchema, {
    value: {
      case: "scalar",
      value: { value: { case: "primitive", value: { value } } },
    },
  });
}

/** The value alone of a literal that holds a boolean, integer, float or string. @throws FlyteError `invalid_input` */
export function toSimpleLiteral(literal: Literal | undefined): Literal {
  const { value } = required(literal, "value");
  const scalar = value.case === "scalar" ? value.value.value : undefined;
  const simple = scalar?.case === "primitive" ? scalar.value.value : undefined;
  switch (simple?.case) {
    case "boolean":
    case "integer":
    case "floatValue":
    case "stringValue":
      return primitive(simple);
    default:
      throw new FlyteError("invalid_input", "value must be a boolean, integer, float or string");
  }
}
