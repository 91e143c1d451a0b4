import type { ControlPlane } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { compileEventFilter, type EventFilter, patternFault } from "./event-filter.ts";
import type { Hook } from "./hook.ts";
import type { HookProvider } from "./provider.ts";
import { checkRunAs, type ResolvedRunAs, resolveRunAs } from "./run-as.ts";

/** The hooks of a webhook, or what makes them where it is started: secrets need not be there before. */
export type GivenHooks = readonly Hook[] | (() => readonly Hook[]);

/** A hook, checked and ready to act. */
export interface ResolvedHook {
  readonly name: string;
  readonly path: string;
  readonly methods: readonly string[];
  readonly from: HookProvider;
  readonly runAs: ResolvedRunAs;
  readonly takes: EventFilter;
  /** As the operator wrote them; undefined takes all. */
  readonly events: readonly string[] | undefined;
  readonly start: Hook["start"];
  readonly bodyLimitBytes: number;
  readonly keepPayloads: boolean;
  /** The folder that gets a file for each delivery. */
  readonly record: string | undefined;
}

/** Where signed deliveries arrive; they carry no credential. */
export const hookFolder: string = "/hooks/";

const nameForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Checks what can be checked before there is a control plane. Hooks that are made later are checked then.
 *
 * @throws FlyteError `invalid_config` naming the hook, the rule and the remedy
 */
export function checkHooks(given: GivenHooks | undefined): void {
  if (given === undefined || typeof given === "function") return;
  const names = new Set<string>();
  for (const hook of listOf(given)) {
    checkHook(hook);
    if (names.has(hook.name)) {
      throw invalid(hook.name, "is there twice. Give one of them another name.");
    }
    names.add(hook.name);
  }
}

/** @throws FlyteError `invalid_config` naming the hook, the rule and the remedy */
export function resolveHooks(
  given: GivenHooks | undefined,
  webhook: {
    readonly controlPlane: ControlPlane;
    readonly bodyLimitBytes: number;
    readonly runScope: "webhook" | "task";
  },
): readonly ResolvedHook[] {
  const hooks = typeof given === "function" ? listOf(given()) : (given ?? []);
  checkHooks(hooks);
  return hooks.map((hook) => {
    const { name, from } = hook;
    const runAs = resolveRunAs(name, hook.runAs, webhook.controlPlane);
    const { project, domain } = runAs.scope;
    if (webhook.runScope === "webhook" && (project === undefined || domain === undefined)) {
      throw invalid(
        name,
        "has no project and domain for its runs. Give both to the control plane.",
      );
    }
    return {
      name,
      path: `${hookFolder}${name}`,
      methods: [...new Set(["POST", ...from.otherMethods])],
      from,
      runAs,
      takes: compileEventFilter(hook.events),
      events: hook.events,
      start: (event) => hook.start(event),
      bodyLimitBytes: hook.bodyLimitBytes ?? webhook.bodyLimitBytes,
      keepPayloads: hook.keepPayloads ?? false,
      record: hook.record,
    };
  });
}

function listOf(hooks: unknown): readonly Hook[] {
  if (Array.isArray(hooks)) return hooks;
  throw new FlyteError(
    "invalid_config",
    "hooks must be a list of what github, stripe, hmac and the like make, or a function that answers one.",
  );
}

function checkHook(hook: Hook): void {
  const { name, from, runAs, start, events, bodyLimitBytes, keepPayloads, record } = hook ?? {};
  if (typeof name !== "string" || !nameForm.test(name)) {
    throw new FlyteError(
      "invalid_config",
      `${JSON.stringify(name) ?? "undefined"} is no name of a hook: it is the last part of its address, so give 1 to 63 lower-case letters, digits and inner dashes.`,
    );
  }
  if (typeof from?.read !== "function") {
    throw invalid(name, "has nobody to come from. Make it with github, stripe, hmac or the like.");
  }
  checkRunAs(name, runAs);
  if (typeof start !== "function") {
    throw invalid(name, "needs start: a function that says which task an event starts.");
  }
  checkEvents(name, events);
  if (bodyLimitBytes !== undefined && !(Number.isSafeInteger(bodyLimitBytes) && bodyLimitBytes > 0))
    throw invalid(
      name,
      `has bodyLimitBytes ${String(bodyLimitBytes)}. Give a whole number from 1.`,
    );
  if (keepPayloads !== undefined && typeof keepPayloads !== "boolean") {
    throw invalid(name, "has a keepPayloads that is neither true nor false.");
  }
  if (record !== undefined && (typeof record !== "string" || record === "")) {
    throw invalid(name, "has a record that is no folder. Name one, or leave it out.");
  }
}

function checkEvents(hook: string, events: unknown): void {
  if (events === undefined) return;
  if (!Array.isArray(events) || events.length === 0) {
    throw invalid(
      hook,
      "has events that name none. List types such as push or pull_request.*, or leave it out for all.",
    );
  }
  for (const pattern of events) {
    const fault = patternFault(pattern);
    if (fault === undefined) continue;
    throw invalid(
      hook,
      `has ${JSON.stringify(pattern)} in events, which ${fault}. Write a type such as push, with * for any characters but a dot.`,
    );
  }
}

function invalid(hook: string, message: string): FlyteError {
  return new FlyteError("invalid_config", `The hook "${hook}" ${message}`);
}
