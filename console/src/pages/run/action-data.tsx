import type { VNode } from "preact";
import type { TypedInterface } from "../../../../src/idl/literals.ts";
import type { ActionDetails } from "../../../../src/idl/runs.ts";
import { stringifyJson } from "../../../../src/shared/json.ts";
import { toPhase } from "../../../../src/values/phases.ts";
import { printType } from "../../../../src/values/type-names.ts";
import { dataProxy } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { isEndPhase } from "../../ui/phase.tsx";
import { Text } from "../../ui/text.tsx";
import { ValueView } from "../../ui/value-view.tsx";
import { type ReadValue, readInputs, readOutputs, toJsonObject } from "./read-values.ts";
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
        declared: iface?.outputs?.variables.length ?? 0,
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
      <Values title="Inputs" values={data.inputs} empty="It takes none." />
      <Values
        title="Outputs"
        values={data.outputs}
        empty={whyNoOutputs(phase, isEnded, data.declared)}
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
  values,
  empty,
}: {
  readonly title: string;
  readonly values: readonly ReadValue[];
  readonly empty: string;
}): VNode {
  const id = `values-${title.toLowerCase()}`;
  return (
    <section class="card" aria-labelledby={id}>
      <div class="run-data-head">
        <h2 id={id}>{title}</h2>
        {values.length > 0 && (
          <CopyButton
            text={() => stringifyJson(toJsonObject(values), 2)}
            what={`of all ${title.toLowerCase()}`}
          >
            Copy JSON
          </CopyButton>
        )}
      </div>
      {values.length === 0 ? (
        <p class="muted">{empty}</p>
      ) : (
        values.map((value) => <Value key={value.name} of={value} />)
      )}
    </section>
  );
}

function Value({ of: { name, type, description, read } }: { readonly of: ReadValue }): VNode {
  return (
    <div class="run-value">
      <h3>
        <Text max={200}>{name}</Text>
        {type !== undefined && (
          <>
            {" "}
            <span class="muted run-type">
              <Text max={200}>{printType(type)}</Text>
            </span>
          </>
        )}
      </h3>
      {description !== "" && (
        <p class="muted">
          <Text max={500}>{description}</Text>
        </p>
      )}
      {read.kind === "value" ? (
        <ValueView name={name} value={read.value} type={type} />
      ) : (
        <>
          <p class="notice notice-warn">
            This cannot be shown as a value: <Text max={500}>{read.problem}</Text>
          </p>
          {read.raw !== "" && <CodeBlock text={read.raw} label={`${name} as it came`} />}
        </>
      )}
    </div>
  );
}
