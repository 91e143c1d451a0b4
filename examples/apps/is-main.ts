import { pathToFileURL } from "node:url";

/** Whether a module is the file that Node.js was started with, rather than imported. */
export function isMain(moduleUrl: string): boolean {
  const [, started] = process.argv;
  return started !== undefined && moduleUrl === pathToFileURL(started).href;
}
