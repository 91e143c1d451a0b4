import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type OffloadedInputData, OffloadedInputDataSchema } from "../idl/runs.ts";
import { readUnknownBytes, writeUnknownBytes } from "./unknown-fields.ts";

/*
 * The inputs of triggers that lie in the control plane's store: `offloaded_input_data` of
 * `flyteidl2.trigger.TriggerSpec` and `flyteidl2.task.TaskTriggerSpec`, which came after the IDL
 * package this project is built with. They stand in place of the field `inputs`.
 * https://github.com/flyteorg/flyte/blob/master/flyteidl2/trigger/trigger_definition.proto
 */

/** A `TriggerSpec` or a `TaskTriggerSpec`. */
interface InputsHolder extends Message {
  inputs?: Message;
}

const fieldNumbers: Readonly<Record<string, number>> = {
  "flyteidl2.trigger.TriggerSpec": 7,
  "flyteidl2.task.TaskTriggerSpec": 5,
};

/** The key in the context of a trigger's inputs under which clients name the input of the fire time. */
export const timeInputKey = "_u_kickoff_time_input_arg";

/** Where the inputs of a trigger lie; undefined when it holds them itself. */
export function readOffloadedInputs(spec: Message): OffloadedInputData | undefined {
  const bytes = readUnknownBytes(spec, numberOf(spec));
  return bytes === undefined ? undefined : fromBinary(OffloadedInputDataSchema, bytes);
}

/** Names the place of the inputs instead of the inputs. The message is changed in place. */
export function writeOffloadedInputs<Spec extends InputsHolder>(
  spec: Spec,
  { uri, inputsHash }: Pick<OffloadedInputData, "uri" | "inputsHash">,
): Spec {
  delete spec.inputs;
  const data = create(OffloadedInputDataSchema, { uri, inputsHash });
  return writeUnknownBytes(spec, numberOf(spec), toBinary(OffloadedInputDataSchema, data));
}

/** Forgets the place of the inputs. The message is changed in place. */
export function dropOffloadedInputs<Spec extends Message>(spec: Spec): Spec {
  const number = numberOf(spec);
  spec.$unknown = (spec.$unknown ?? []).filter(({ no }) => no !== number);
  return spec;
}

function numberOf({ $typeName }: Message): number {
  const number = fieldNumbers[$typeName];
  if (number === undefined) throw new Error(`${$typeName} has no offloaded inputs`);
  return number;
}
