import { create, type Message, toBinary } from "@bufbuild/protobuf";
import {
  fileDesc,
  type GenFile,
  type GenMessage,
  type GenService,
  messageDesc,
  serviceDesc,
} from "@bufbuild/protobuf/codegenv2";
import { base64Encode } from "@bufbuild/protobuf/wire";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import {
  type ActionIdentifier,
  file_flyteidl2_common_identifier,
} from "@flyteorg/flyteidl2/flyteidl2/common/identifier_pb.ts";
import {
  type EnrichedIdentity,
  file_flyteidl2_common_identity,
} from "@flyteorg/flyteidl2/flyteidl2/common/identity_pb.ts";
import {
  file_flyteidl2_core_literals,
  type Literal,
} from "@flyteorg/flyteidl2/flyteidl2/core/literals_pb.ts";

/*
 * The part of flyteidl2/workflow/{run_definition,run_service}.proto about signals, which the package
 * `@flyteorg/flyteidl2` does not have yet. Numbers and types are those of the upstream files; when the
 * package has them, this file goes.
 */

const label: FieldDescriptorProto_Label = FieldDescriptorProto_Label.OPTIONAL;

function messageField(name: string, number: number, typeName: string): object {
  return { name, number, label, type: FieldDescriptorProto_Type.MESSAGE, typeName };
}

const file: GenFile = fileDesc(
  base64Encode(
    toBinary(
      FileDescriptorProtoSchema,
      create(FileDescriptorProtoSchema, {
        name: "flyteidl2/workflow/signals.proto",
        package: "flyteidl2.workflow",
        syntax: "proto3",
        messageType: [
          {
            name: "EventPayload",
            oneofDecl: [{ name: "value" }],
            field: [
              { name: "bool_value", number: 1, type: FieldDescriptorProto_Type.BOOL },
              { name: "int_value", number: 2, type: FieldDescriptorProto_Type.INT64 },
              { name: "float_value", number: 3, type: FieldDescriptorProto_Type.DOUBLE },
              { name: "string_value", number: 4, type: FieldDescriptorProto_Type.STRING },
            ].map((field) => ({ ...field, label, oneofIndex: 0 })),
          },
          {
            name: "SignalEventRequest",
            field: [
              messageField("action_id", 1, ".flyteidl2.common.ActionIdentifier"),
              {
                name: "parent_action_name",
                number: 2,
                label,
                type: FieldDescriptorProto_Type.STRING,
              },
              messageField("payload", 3, ".flyteidl2.workflow.EventPayload"),
            ],
          },
          { name: "SignalEventResponse" },
          {
            name: "SignalInfo",
            field: [
              messageField("signalled_by", 1, ".flyteidl2.common.EnrichedIdentity"),
              messageField("output", 2, ".flyteidl2.core.Literal"),
            ],
          },
        ],
        service: [
          {
            name: "RunService",
            method: [
              {
                name: "SignalEvent",
                inputType: ".flyteidl2.workflow.SignalEventRequest",
                outputType: ".flyteidl2.workflow.SignalEventResponse",
              },
            ],
          },
        ],
      }),
    ),
  ),
  [file_flyteidl2_common_identifier, file_flyteidl2_common_identity, file_flyteidl2_core_literals],
);

/** What a condition is signalled with. */
export type EventPayload = Message<"flyteidl2.workflow.EventPayload"> & {
  value:
    | { case: "boolValue"; value: boolean }
    | { case: "intValue"; value: bigint }
    | { case: "floatValue"; value: number }
    | { case: "stringValue"; value: string }
    | { case: undefined; value?: undefined };
};

export const EventPayloadSchema: GenMessage<EventPayload> = messageDesc(file, 0);

export type SignalEventRequest = Message<"flyteidl2.workflow.SignalEventRequest"> & {
  actionId?: ActionIdentifier;
  parentActionName: string;
  payload?: EventPayload;
};

export const SignalEventRequestSchema: GenMessage<SignalEventRequest> = messageDesc(file, 1);

export type SignalEventResponse = Message<"flyteidl2.workflow.SignalEventResponse">;

export const SignalEventResponseSchema: GenMessage<SignalEventResponse> = messageDesc(file, 2);

/** How a condition was resolved: the `result` of its `ActionDetails`. */
export type SignalInfo = Message<"flyteidl2.workflow.SignalInfo"> & {
  signalledBy?: EnrichedIdentity;
  output?: Literal;
};

export const SignalInfoSchema: GenMessage<SignalInfo> = messageDesc(file, 3);

/** The method `SignalEvent` of `flyteidl2.workflow.RunService`. */
export const SignalService: GenService<{
  signalEvent: {
    methodKind: "unary";
    input: typeof SignalEventRequestSchema;
    output: typeof SignalEventResponseSchema;
  };
}> = serviceDesc(file, 0);

/** Fields of upstream messages that the package does not have yet, by their numbers. */
export const conditionFields = {
  /** `ActionDetails.condition`, a `ConditionAction`. */
  detailsCondition: 9,
  /** `ActionDetails.signal_info`, a {@link SignalInfo}. */
  detailsSignalInfo: 10,
  /** `ConditionActionMetadata.type`, a `core.LiteralType`. */
  metadataType: 5,
  /** `ListRunsRequest.paused_actions_only`. */
  listPausedOnly: 9,
} as const;
