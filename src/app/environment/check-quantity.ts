import { parseQuantity, type Quantity } from "../../shared/quantity.ts";
import { invalidConfig, show } from "./invalid-config.ts";

/** @throws FlyteError `invalid_config` unless `value` is an amount above zero */
export function checkQuantity(what: string, value: unknown, example: string): Quantity {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  const quantity = typeof text === "string" ? parseQuantity(text) : undefined;
  if (quantity !== undefined && quantity.nanos > 0n) return quantity;
  throw invalidConfig(
    `${what} ${show(value)} is not an amount above zero; write it like ${example}.`,
  );
}
