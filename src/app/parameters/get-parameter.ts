import { readFileSync } from "node:fs";
import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { runningApp } from "../environment/running-app.ts";
import { parametersFile } from "./materialized-parameter.ts";

/**
 * What the app that asks has got for a parameter: its text, the path of a file or directory, its
 * address where it was not downloaded, or where another app is.
 *
 * @throws FlyteError `precondition_failed` where no app runs that has parameters, `not_found` for a
 * name that it does not have
 */
export function getParameter(name: string): string {
  const values = runningApp.getStore()?.parameters ?? readParameters();
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  const names = Object.keys(values);
  const nearest = nearestName(name, names);
  const question = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  const there = names.length === 0 ? "There is none." : `There are: ${names.join(", ")}.`;
  throw new FlyteError("not_found", `There is no parameter "${name}".${question} ${there}`);
}

let read: { readonly file: string; readonly values: Readonly<Record<string, string>> } | undefined;

function readParameters(): Readonly<Record<string, string>> {
  const file = process.env[parametersFile];
  if (file === undefined) {
    throw new FlyteError(
      "precondition_failed",
      "There are no parameters here. Ask for them in the code of an app that is served or deployed.",
    );
  }
  if (read?.file !== file) read = { file, values: JSON.parse(readFileSync(file, "utf8")) };
  return read.values;
}
