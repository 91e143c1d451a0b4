import { FlyteError } from "../../../shared/errors.ts";
import { refuse } from "./reading-fault.ts";

/** How far the time of a signature may be from now, both ways. */
export interface ToleranceOptions {
  /**
   * How many seconds the time of a signature may differ from this machine's, before and after; 1 to 3600.
   *
   * @default 300
   */
  readonly toleranceSeconds?: number;
}

/** The tolerance in milliseconds. @throws FlyteError `invalid_config` naming the hook */
export function resolveTolerance(
  hook: string,
  { toleranceSeconds = 300 }: ToleranceOptions,
): number {
  if (Number.isInteger(toleranceSeconds) && toleranceSeconds >= 1 && toleranceSeconds <= 3_600) {
    return toleranceSeconds * 1_000;
  }
  throw new FlyteError(
    "invalid_config",
    `Hook "${hook}": toleranceSeconds must be a whole number from 1 to 3600, not ${String(toleranceSeconds)}.`,
  );
}

/** A time as providers sign it: whole seconds since 1970, written in one way only. */
export function parseSeconds(text: string): Date {
  if (!/^[1-9]\d{0,10}$/.test(text))
    return refuse("The time of the signature is no whole number of seconds.");
  return new Date(Number(text) * 1_000);
}

/** Gives up deliveries of another time. To be asked after the signature, so that only the provider is told. */
export function checkAge(sentAt: Date, now: number, toleranceMs: number): void {
  const ageMs = now - sentAt.getTime();
  if (Math.abs(ageMs) <= toleranceMs) return;
  const side = ageMs > 0 ? "old" : "far in the future";
  refuse(
    `The signature is too ${side}: more than ${toleranceMs / 1_000} seconds. Either it is sent again, or a clock is wrong.`,
  );
}

/** A time as providers sign it. */
export function toSeconds(time: Date): string {
  return String(Math.floor(time.getTime() / 1_000));
}
