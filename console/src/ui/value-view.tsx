import type { VNode } from "preact";
import type { LiteralType } from "../../../src/idl/literals.ts";
import { type JsonValue, stringifyJson } from "../../../src/shared/json.ts";
import { CodeBlock } from "./code-block.tsx";

export interface ValueViewProps {
  /** Name of the input or output. */
  readonly name: string;
  readonly value: JsonValue;
  readonly type?: LiteralType | undefined;
}

/** A value of Flyte as people read it. */
export function ValueView({ name, value }: ValueViewProps): VNode {
  return <CodeBlock text={stringifyJson(value, 2)} label={name} />;
}
