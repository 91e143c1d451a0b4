import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { VariableEntry } from "../../../src/idl/literals.ts";
import { type JsonObject, stringifyJson } from "../../../src/shared/json.ts";
import { Button } from "./button.tsx";
import { CodeBlock } from "./code-block.tsx";
import { CopyButton } from "./copy-button.tsx";
import { ValueView } from "./value-view.tsx";

export interface ValuesViewProps {
  /** What they are, for screen readers: `Inputs`, `Outputs`. */
  readonly label: string;
  readonly values: JsonObject;
  /** Types and order, as the interface of the task has them. */
  readonly variables?: readonly VariableEntry[] | undefined;
  /** Said where there are none. */
  readonly emptyText: string;
}

/** All inputs or outputs of an action. */
export function ValuesView(props: ValuesViewProps): VNode {
  const { label, values, variables = [], emptyText } = props;
  const [isJson, setIsJson] = useState(false);
  const names = namesInOrder(values, variables);
  if (names.length === 0) return <p class="muted">{emptyText}</p>;
  const print = (): string => stringifyJson(values, 2);
  return (
    <section class="values" aria-label={label}>
      <div class="values-head">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields. */}
        <div class="row" role="group" aria-label={`How ${label.toLowerCase()} are shown`}>
          <Button pressed={!isJson} onClick={() => setIsJson(false)}>
            Readable
          </Button>
          <Button pressed={isJson} onClick={() => setIsJson(true)}>
            JSON
          </Button>
        </div>
        <CopyButton text={print} what={label.toLowerCase()}>
          Copy all as JSON
        </CopyButton>
      </div>
      {isJson ? (
        <WholeJson label={label} values={values} />
      ) : (
        <div class="value-list">
          {names.map((name) => {
            const variable = variables.find(({ key }) => key === name)?.value;
            return (
              <ValueView
                key={name}
                name={name}
                value={values[name] ?? null}
                type={variable?.type}
                description={variable?.description}
              />
            );
          })}
        </div>
      )}
    </section>
  );
}

function WholeJson({
  label,
  values,
}: {
  readonly label: string;
  readonly values: JsonObject;
}): VNode {
  const text = useMemo(() => stringifyJson(values, 2), [values]);
  return <CodeBlock text={text} label={`${label} as JSON`} />;
}

/** Those that the interface names come first, in its order. */
function namesInOrder(values: JsonObject, variables: readonly VariableEntry[]): readonly string[] {
  const declared = variables.map(({ key }) => key).filter((name) => Object.hasOwn(values, name));
  return [...new Set([...declared, ...Object.keys(values)])];
}
