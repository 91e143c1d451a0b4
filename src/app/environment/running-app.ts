import { AsyncLocalStorage } from "node:async_hooks";
import type { AppContext } from "./app-server.ts";

/**
 * The app whose code runs: its hooks, its server and what that answers. Several apps may share a
 * process, so none of them owns its environment.
 */
export const runningApp: AsyncLocalStorage<Pick<AppContext, "name" | "env" | "parameters">> =
  new AsyncLocalStorage();
