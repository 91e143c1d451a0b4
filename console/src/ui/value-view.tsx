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
  /** Undefined where there is none to show, for the reason that `fault` says. */
  readonly value: JsonValue | undefined;
  readonly type?: LiteralType | undefined;
  /** What the task says about it. */
  readonly description?: string | undefined;
  /** A word about it, such as where it comes from. */
  readonly note?: string | undefined;
  readonly fault?: ValueFault | undefined;
}

/** Why a value cannot be shown. */
export interface ValueFault {
  readonly problem: string;
  /** The value as it came, if it can be told. */
  readonly raw?: string | undefined;
}

/** A value of Flyte as people read it, with its name and type. */
export function ValueView(props: ValueViewProps): VNode {
  const { name, value, type, description = "", note, fault } = props;
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
        {note !== undefined && (
          <span>
            <span class="chip">
              <Text max={100}>{note}</Text>
            </span>
          </span>
        )}
        {description !== "" && (
          <span class="value-description muted">
            <LongText max={200}>{description}</LongText>
          </span>
        )}
      </div>
      <div class="value-body">
        {fault === undefined ? (
          value !== undefined && <ValueBody name={name} value={value} type={type} depth={0} />
        ) : (
          <Fault {...fault} />
        )}
      </div>
      {value !== undefined && (
        <CopyButton text={() => stringifyJson(value, 2)} what={`${name} as JSON`} />
      )}
    </div>
  );
}

function Fault({ problem, raw = "" }: ValueFault): VNode {
  return (
    <div class="stack">
      <p class="notice notice-warn">
        This cannot be shown as a value: <Text max={500}>{problem}</Text>
      </p>
      {raw !== "" && (
        <code class="value-text">
          <LongText>{raw}</LongText>
        </code>
      )}
    </div>
  );
}
