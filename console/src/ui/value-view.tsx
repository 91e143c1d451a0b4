import type { VNode } from "preact";
import type { LiteralType } from "../../../src/idl/literals.ts";
import { type JsonValue, stringifyJson } from "../../../src/shared/json.ts";
import { printType } from "../../../src/values/type-names.ts";
import { ValueBody } from "../value/value-body.tsx";
import { CopyButton } from "./copy-button.tsx";
import { LongText } from "./long-text.tsx";
import { Text } from "./text.tsx";
import "./value-view.css";

export interface ValueViewProps {
  /** Name of the input or output. */
  readonly name: string;
  readonly value: JsonValue;
  readonly type?: LiteralType | undefined;
  /** What the task says about it. */
  readonly description?: string | undefined;
}

/** A value of Flyte as people read it, with its name and type. */
export function ValueView({ name, value, type, description = "" }: ValueViewProps): VNode {
  return (
    <div class="value">
      <div class="value-name">
        <strong>
          <Text max={200}>{name}</Text>
        </strong>
        {type !== undefined && (
          <span class="value-type muted">
            <Text max={200}>{printType(type)}</Text>
          </span>
        )}
        {description !== "" && (
          <span class="value-description muted">
            <LongText max={200}>{description}</LongText>
          </span>
        )}
      </div>
      <div class="value-body">
        <ValueBody name={name} value={value} type={type} depth={0} />
      </div>
      <CopyButton text={() => stringifyJson(value, 2)} what={`${name} as JSON`} />
    </div>
  );
}
