import { resolve } from "node:path";
import { declaredTests, readName, textsOf } from "./test-names.ts";

const root = resolve(import.meta.dirname, "../..");
/** Every file with what it imports, read once. */
const read = new Map<string, ReadonlyMap<string, string>>();
const proof = /^`((?:src|test)\/[\w./-]+\.test\.ts)`: (.+)$/;

/**
 * What is wrong with a proof, a test's file and name as in `` `test/x.test.ts`: describe > test ``,
 * where the describes may be left out; undefined when there is exactly one such test.
 */
export function proofFault(text: string): string | undefined {
  const [, file, name] = proof.exec(text) ?? [];
  if (file === undefined || name === undefined) return "no proof";
  const texts = read.get(file) ?? textsOf(resolve(root, file));
  read.set(file, texts);
  if (texts.size === 0) return `there is no ${file}`;
  // Tests stand in the file, or in what it calls of the support.
  const fitting = [...texts].flatMap(([path, source]) =>
    path === resolve(root, file) || path.includes("/test/support/")
      ? declaredTests(source).filter((declared) => fits(declared.path, name, texts))
      : [],
  );
  // A table whose names are its values only would fit, too.
  const same = fitting.filter(({ path }) => path.join(" > ").endsWith(name));
  const found = same.length === 1 ? same : fitting;
  if (found.length === 1) return undefined;
  return `${found.length === 0 ? "no test" : `${found.length} tests`} of ${file} named ${name}`;
}

/** Whether a name, with as many describes before it as it gives, is that of a declared test. */
function fits(path: readonly string[], given: string, texts: ReadonlyMap<string, string>): boolean {
  const parts = given.split(" > ");
  const declared = path.slice(-parts.length).join(" > ");
  const values = path.length < parts.length ? undefined : readName(declared, given);
  return values?.every((value) => isWritten(value, texts)) === true;
}

/** Whether what a test's name is made with is a text, a number or a key somewhere in its sources. */
function isWritten(value: string, texts: ReadonlyMap<string, string>): boolean {
  const bare = value.replaceAll(/^"|"$/g, "");
  const written = [`"${bare}"`, `\`${bare}\``, JSON.stringify(bare)];
  const asCode = /^[\w.]+$/.test(bare)
    ? new RegExp(`(?<!\\w)${bare.replaceAll(".", "\\.")}(?!\\w)`)
    : undefined;
  return [...texts.values()].some(
    (text) => written.some((form) => text.includes(form)) || asCode?.test(text) === true,
  );
}
