import { fileURLToPath } from "node:url";
import { appProcess } from "../../shared/app-process.ts";
import { packageFile, runsFromSource } from "../../shared/package-files.ts";
import type { AppEnvironment } from "./app-environment.ts";

const files = new WeakMap<AppEnvironment, string | undefined>();
const ownFolder = packageFile(runsFromSource ? "src/" : "dist/");

/** Keeps in mind which file makes an environment, which is the one that has to travel with it. */
export function noteDeclaration(environment: AppEnvironment): void {
  files.set(environment, findCaller());
  appProcess()?.declared.push(environment);
}

/** The file whose code made an environment. Undefined where that is no file. */
export function declaringFile(environment: AppEnvironment): string | undefined {
  return files.get(environment);
}

/** Passes over this package, and over constructors of classes that extend an environment. */
function findCaller(): string | undefined {
  for (const site of callSites()) {
    const name = site.getFileName() ?? "";
    const file = name.startsWith("file:") ? fileURLToPath(name.replace(/[?#].*/, "")) : name;
    if (file.startsWith(ownFolder) || site.isConstructor()) continue;
    return /^(?:\/|[A-Za-z]:[\\/])/.test(file) ? file : undefined;
  }
  return undefined;
}

function callSites(): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.stackTraceLimit = 100;
    const { stack } = new Error();
    return Array.isArray(stack) ? stack : [];
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
