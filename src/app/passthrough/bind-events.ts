import type { EventEmitter } from "node:events";
import {
  type AuthMetadata,
  authMetadata,
  withoutAuthMetadata,
} from "../../client/auth-metadata.ts";

/** Runs code with one request's credential, or with none, whatever was bound where it is called. */
export type Scope = <Result>(action: () => Result) => Result;

export function scopeOf(metadata: AuthMetadata | undefined): Scope {
  return metadata === undefined ? withoutAuthMetadata : (action) => authMetadata(metadata, action);
}

const scopes = new WeakMap<EventEmitter, { current: Scope }>();

/**
 * Runs every listener of `emitter` in `scope`; a second use replaces the first. Events of a request,
 * such as `data` and `drain`, come from its connection, where nothing is bound, or still what the
 * request before it on the same connection had.
 */
export function bindEvents(emitter: EventEmitter, scope: Scope): void {
  const known = scopes.get(emitter);
  if (known !== undefined) {
    known.current = scope;
    return;
  }
  const holder = { current: scope };
  scopes.set(emitter, holder);
  const { emit } = emitter;
  emitter.emit = function emitInScope(this: EventEmitter, ...event) {
    return holder.current(() => emit.apply(this, event));
  };
}
