import { FlyteError } from "../../shared/errors.ts";
import type { HookProvider } from "./provider.ts";

const known = new WeakMap<HookProvider, boolean>();

/** Whether a hook has what it takes to sign, and not only what proves a signature. */
export function canSign(from: HookProvider): boolean {
  let can = known.get(from);
  if (can === undefined) {
    can = trySign(from);
    known.set(from, can);
  }
  return can;
}

function trySign(from: HookProvider): boolean {
  try {
    from.sign({ headers: {}, body: new Uint8Array(), sentAt: new Date() });
    return true;
  } catch (error) {
    // Anything else is about this delivery, which is none.
    return !(FlyteError.is(error) && error.code === "invalid_config");
  }
}
