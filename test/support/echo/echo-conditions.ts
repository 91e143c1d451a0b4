import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, type ServiceImpl } from "@connectrpc/connect";
import { ConditionActionSchema } from "../../../src/idl/actions.ts";
import { LiteralSchema, SimpleType } from "../../../src/idl/literals.ts";
import {
  ActionDetailsSchema,
  ActionMetadataSchema,
  ActionStatusSchema,
  ListActionsResponseSchema,
  type RunService,
} from "../../../src/idl/runs.ts";
import {
  conditionFields,
  type EventPayload,
  SignalInfoSchema,
  SignalService,
} from "../../../src/idl/signals.ts";
import { fromPhase } from "../../../src/values/phases.ts";
import { writeUnknownBytes } from "../../../src/values/unknown-fields.ts";
import type { See } from "./seen-call.ts";

/** Every run waits for one boolean, `approve`, as the action `c1`, until it is signalled. */
export class EchoConditions {
  readonly #signals = new Map<string, EventPayload>();

  reset(): void {
    this.#signals.clear();
  }

  /** What belongs to the service of runs. */
  methods(
    see: See,
  ): Pick<Partial<ServiceImpl<typeof RunService>>, "listActions" | "getActionDetails"> {
    return {
      listActions: ({ runId }, context) => {
        see("listActions", context);
        const id = { ...(runId !== undefined && { run: runId }), name: "c1" };
        return create(ListActionsResponseSchema, { actions: [{ id }] });
      },
      getActionDetails: ({ actionId }, context) => {
        see("getActionDetails", context);
        const signal = this.#signals.get(actionId?.run?.name ?? "");
        const details = create(ActionDetailsSchema, {
          ...(actionId !== undefined && { id: actionId }),
          metadata: create(ActionMetadataSchema, { parent: "a0" }),
          status: create(ActionStatusSchema, {
            phase: fromPhase(signal === undefined ? "paused" : "succeeded"),
            startTime: timestampFromMs(start),
            ...(signal !== undefined && { endTime: timestampFromMs(start + 60_000) }),
          }),
        });
        writeUnknownBytes(details, conditionFields.detailsCondition, condition);
        if (signal !== undefined) {
          writeUnknownBytes(details, conditionFields.detailsSignalInfo, toInfo(signal));
        }
        return { details };
      },
    };
  }

  serve(router: ConnectRouter, see: See): void {
    router.service(SignalService, {
      signalEvent: ({ actionId, payload }, context) => {
        see("signalEvent", context);
        const run = actionId?.run?.name ?? "";
        if (payload === undefined || this.#signals.has(run)) {
          throw new ConnectError("signalled before, in shard 7", Code.FailedPrecondition);
        }
        this.#signals.set(run, payload);
        return {};
      },
    });
  }
}

const start = Date.UTC(2026, 4, 1, 8);

const condition = toBinary(
  ConditionActionSchema,
  create(ConditionActionSchema, {
    name: "approve",
    prompt: "Approve?",
    type: { type: { case: "simple", value: SimpleType.BOOLEAN } },
  }),
);

function toInfo({ value }: EventPayload): Uint8Array {
  const boolean = value.case === "boolValue" && value.value;
  return toBinary(
    SignalInfoSchema,
    create(SignalInfoSchema, {
      signalledBy: { principal: { case: "user", value: { id: { subject: "ada" } } } },
      output: create(LiteralSchema, {
        value: {
          case: "scalar",
          value: {
            value: { case: "primitive", value: { value: { case: "boolean", value: boolean } } },
          },
        },
      }),
    }),
  );
}
