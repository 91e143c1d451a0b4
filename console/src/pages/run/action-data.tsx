import type { VNode } from "preact";
import type { TypedInterface, VariableEntry } from "../../../../src/idl/literals.ts";
import type { ActionDetails } from "../../../../src/idl/runs.ts";
import { toPhase } from "../../../../src/values/phases.ts";
import { dataProxy } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { isEndPhase } from "../../ui/phase.tsx";
import { Text } from "../../ui/text.tsx";
import { ValuesView } from "../../ui/values-view.tsx";
import { type BrokenValue, type ReadValues, readInputs, readOutputs } from "./read-values.ts";
import type { RunKey } from "./use-run-actions.ts";

/** What went into an action, and what came out of it. */
export function ActionData({
  run,
  details,
}: {
  readonly run: RunKey;
  readonly details: ActionDetails;
}): VNode {
  const name = details.id?.name ?? "";
  const phase = details.status?.phase ?? 0;
  const isEnded = isEndPhase(phase);
  const { data, error, reload } = useCall(
    `data ${run.domain}/${run.project}/${run.name}/${name}/${isEnded}`,
    async (signal) => {
      const answer = await dataProxy.getActionData({ actionId: { run, name } }, { signal });
      const iface = interfaceOf(details);
      return {
        inputs: readInputs(answer.inputs, iface),
        outputs: readOutputs(answer.outputs, iface),
        iface,
      };
    },
  );
  if (data === undefined) {
    return error === undefined ? (
      <Loading what="inputs and outputs" />
    ) : (
      <ErrorNotice error={error} retry={reload} />
    );
  }
  return (
    <div class="run-data">
      <Values
        title="Inputs"
        read={data.inputs}
        variables={data.iface?.inputs?.variables}
        emptyText="It takes none."
      />
      <Values
        title="Outputs"
        read={data.outputs}
        variables={data.iface?.outputs?.variables}
        emptyText={whyNoOutputs(phase, isEnded, data.iface?.outputs?.variables.length ?? 0)}
      />
    </div>
  );
}

function interfaceOf({ spec }: ActionDetails): TypedInterface | undefined {
  if (spec.case === "task") return spec.value.taskTemplate?.interface;
  return spec.case === "trace" ? spec.value.interface : undefined;
}

function whyNoOutputs(phase: number, isEnded: boolean, declared: number): string {
  if (declared === 0 && (!isEnded || toPhase(phase) === "succeeded")) return "It gives none.";
  if (!isEnded) return "They come when it succeeds.";
  return toPhase(phase) === "succeeded"
    ? "There are none, although its task declares some."
    : "There are none: it did not succeed.";
}

function Values({
  title,
  read: { values, broken },
  variables,
  emptyText,
}: {
  readonly title: string;
  readonly read: ReadValues;
  readonly variables: readonly VariableEntry[] | undefined;
  readonly emptyText: string;
}): VNode {
  return (
    <div class="card">
      <h2>{title}</h2>
      {(broken.length === 0 || Object.keys(values).length > 0) && (
        <ValuesView label={title} values={values} variables={variables} emptyText={emptyText} />
      )}
      {broken.map((one) => (
        <Broken key={one.name} of={one} />
      ))}
    </div>
  );
}

/** What no value can be made of is shown as it came, and is not part of the JSON. */
function Broken({ of: { name, problem, raw } }: { readonly of: BrokenValue }): VNode {
  return (
    <div class="run-broken">
      <p class="notice notice-warn">
        <Text max={200}>{name}</Text> cannot be shown as a value: <Text max={500}>{problem}</Text>
      </p>
      {raw !== "" && <CodeBlock text={raw} label={toAttributeText(`${name} as it came`)} />}
    </div>
  );
}
