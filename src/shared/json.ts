/**
 * Any JSON value. Integers beyond 2^53 are `bigint`, so that 64-bit values stay exact both ways;
 * all other numbers are `number`.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}
