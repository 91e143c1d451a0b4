import { clone, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import type { Inputs } from "../../idl/tasks.ts";
import { dropOffloadedInputs, readOffloadedInputs } from "../../values/trigger-inputs.ts";
import { readUploadedInputs, type UploadedInputsOptions } from "./uploaded-inputs.ts";

/**
 * The specification of a trigger with its inputs in it, where it names the place that they were
 * uploaded to. What was uploaded may go; a trigger keeps its inputs.
 *
 * @throws what {@link readUploadedInputs} throws
 */
export async function withInputs<Desc extends DescMessage>(
  schema: Desc,
  spec: MessageShape<Desc> & Message & { inputs?: Inputs },
  options: UploadedInputsOptions,
): Promise<MessageShape<Desc>> {
  const offloaded = readOffloadedInputs(spec);
  if (offloaded === undefined) return spec;
  const whole = dropOffloadedInputs(clone(schema, spec));
  return Object.assign(whole, { inputs: await readUploadedInputs(offloaded.uri, options) });
}
