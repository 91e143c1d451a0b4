import type { AppStatus } from "../../client/app-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import { acting, appRef, type Call, givenFlag, reading } from "../call.ts";
import type { Problem } from "../problem.ts";

export type Toggle = "activate" | "deactivate";

type Toggled = { readonly app: AppStatus } | { readonly problem: Problem };

/** Switches an app, and waits for it where the request asks for that. */
export async function toggleApp(call: Call, toggle: Toggle): Promise<Toggled> {
  const { apps } = call.controlPlane;
  const { compat, name, waitLimitMs } = call.options;
  const reason = `${toggle === "activate" ? "Activated" : "Deactivated"} through webhook ${name}.`;
  if (!givenFlag(call, "wait")) {
    return { app: await apps[toggle](appRef(call), { ...acting(call), reason }) };
  }
  try {
    if (compat === "upstream") return await toggleLikeUpstream(call, toggle, reason);
    // Who leaves does not wait; the change is sent first.
    const onStatus = (): void => call.slot.giveBack();
    const waiting = { ...reading(call), wait: true, timeoutMs: waitLimitMs, reason, onStatus };
    return { app: await apps[toggle](appRef(call), waiting) };
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "deadline_exceeded") throw error;
    return toWaited(call, toggle);
  }
}

/** The original waits, and answers the state from before. */
async function toggleLikeUpstream(call: Call, toggle: Toggle, reason: string): Promise<Toggled> {
  const { apps } = call.controlPlane;
  const app = await apps[toggle](appRef(call), { ...acting(call), reason });
  if (isReached(app, toggle)) return { app };
  call.slot.giveBack();
  const watching = { ...reading(call), timeoutMs: call.options.waitLimitMs };
  for await (const seen of apps.watch(appRef(call), watching)) {
    if (isReached(seen, toggle)) return { app };
    if (seen.phase === "failed" || (toggle === "activate" && seen.isDeactivated)) {
      const detail = `App deployment for app ${app.name} has failed!`;
      return { problem: { code: "app_failed", detail } };
    }
  }
  throw new FlyteError("not_found", `App ${app.name} was deleted meanwhile.`);
}

function isReached({ isActive, isDeactivated }: AppStatus, toggle: Toggle): boolean {
  return toggle === "activate" ? isActive : isDeactivated;
}

/** The time is up. Whether it was the wait that took so long, the app itself tells. */
async function toWaited(call: Call, toggle: Toggle): Promise<Toggled> {
  await call.slot.takeAgain();
  const app = await call.controlPlane.apps.get(appRef(call), reading(call));
  if (isReached(app, toggle)) return { app };
  const { name, phase, message } = app;
  const state = `${phase}${message && ` (${message})`}`;
  const detail =
    `App ${name} is ${state} and not ${toggle}d after the ${call.options.waitLimitMs} ms that a ` +
    `request may wait here. Read on with GET ${readAddress(call)}.`;
  return { problem: { code: "deadline_exceeded", detail } };
}

function readAddress(call: Call): string {
  const { name, ...scope } = appRef(call);
  const query = new URLSearchParams(scope).toString();
  return `/app/${encodeURIComponent(name)}${query && `?${query}`}`;
}
