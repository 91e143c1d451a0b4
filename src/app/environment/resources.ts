import type { Quantity } from "../../shared/quantity.ts";
import { checkQuantity } from "./check-quantity.ts";
import { assertOptions, invalidConfig, show } from "./invalid-config.ts";

/** What is reserved, or what is reserved and the most that may be used. */
export type Amount<Value> = Value | readonly [request: Value, limit: Value];

export interface ResourcesOptions {
  /** Cores: `1`, `0.5` or `"500m"`. */
  readonly cpu?: Amount<number | string>;
  /** Bytes with a suffix: `"512Mi"`, `"2Gi"`. */
  readonly memory?: Amount<string>;
  /** How many, or which: `1`, `"A100"`, `"A100:2"`. */
  readonly gpu?: number | string;
  /** Bytes with a suffix: `"10Gi"`. */
  readonly disk?: string;
}

const names = ["cpu", "memory", "gpu", "disk"] satisfies (keyof ResourcesOptions)[];

/**
 * What one replica of an app gets.
 *
 * @example new Resources({ cpu: 1, memory: "512Mi" })
 * @throws FlyteError `invalid_config` for an amount that is none
 */
export class Resources {
  readonly cpu: Amount<number | string> | undefined;
  readonly memory: Amount<string> | undefined;
  readonly gpu: number | string | undefined;
  readonly disk: string | undefined;

  constructor(options: ResourcesOptions) {
    assertOptions("Resources", options, names);
    const { cpu, memory, gpu, disk } = options;
    if (cpu !== undefined) checkAmount(cpu, (value) => checkQuantity("cpu", value, '1 or "500m"'));
    if (memory !== undefined) checkAmount(memory, (value) => checkBytes("memory", value));
    if (disk !== undefined) checkBytes("disk", disk);
    if (gpu !== undefined) checkGpu(gpu);
    this.cpu = cpu;
    this.memory = memory;
    this.gpu = gpu;
    this.disk = disk;
  }
}

function checkAmount(amount: unknown, check: (value: unknown) => Quantity): void {
  if (!Array.isArray(amount)) {
    check(amount);
    return;
  }
  if (amount.length !== 2) {
    throw invalidConfig(`${show(amount)} must have two parts, the request and the limit.`);
  }
  const [request, limit] = amount.map(check);
  if (request !== undefined && limit !== undefined && request.nanos > limit.nanos) {
    throw invalidConfig(`The request ${request.text} is above its limit ${limit.text}.`);
  }
}

/** Whole bytes. `512m`, thousandths of a byte, is what people write who mean `512Mi`. */
function checkBytes(what: string, value: unknown): Quantity {
  if (typeof value !== "string") {
    throw invalidConfig(`${what} ${show(value)} must be a text with a unit, like "512Mi".`);
  }
  const quantity = checkQuantity(what, value, '"512Mi" or "2Gi"');
  if (quantity.nanos % 1_000_000_000n === 0n && !/[num]$/.test(value)) return quantity;
  throw invalidConfig(
    `${what} ${show(value)} is in fractions of a byte; write it like "512Mi" or "2Gi".`,
  );
}

function checkGpu(gpu: unknown): void {
  if (typeof gpu === "number" && Number.isSafeInteger(gpu) && gpu >= 1) return;
  if (typeof gpu === "string" && /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}(?::[1-9]\d{0,3})?$/.test(gpu)) {
    return;
  }
  throw invalidConfig(
    `gpu ${show(gpu)} must be a number from 1, or a kind like "A100" or "A100:2".`,
  );
}
