import type { AppStatus } from "../../client/app-calls.ts";
import type { Answer } from "../answer-request.ts";
import { appRef, type Call, reading } from "../call.ts";
import { withSwappedHint } from "../swapped-hint.ts";
import { type Toggle, toggleApp } from "./toggle-app.ts";

/** Reads the state of an app. */
export function getApp(call: Call): Promise<Answer> {
  return withSwappedHint(call, async () => {
    const app = await call.controlPlane.apps.get(appRef(call), reading(call));
    const { name, revision, endpoint, isActive, isDeactivated, url } = app;
    return {
      body: { name, revision, endpoint, is_active: isActive, is_deactivated: isDeactivated, url },
    };
  });
}

/** Switches an app on. */
export function activateApp(call: Call): Promise<Answer> {
  return toggled(call, "activate", ({ name, isActive, endpoint, url }) => ({
    body: { name, is_active: isActive, endpoint, url },
  }));
}

/** Switches an app off. */
export function deactivateApp(call: Call): Promise<Answer> {
  return toggled(call, "deactivate", ({ name, isActive, isDeactivated, url }) => ({
    body: { name, is_active: isActive, is_deactivated: isDeactivated, url },
  }));
}

function toggled(call: Call, toggle: Toggle, show: (app: AppStatus) => Answer): Promise<Answer> {
  return withSwappedHint(call, async () => {
    const end = await toggleApp(call, toggle);
    return "problem" in end ? end : show(end.app);
  });
}
