import { isJsonArray, isJsonObject, type JsonValue, ownValue } from "../../../src/shared/json.ts";

/** Takes a value of an answer as what it has to be. @throws UnreadableAnswer naming the place where it is not */
export type Read<T> = (value: JsonValue | undefined, at: string) => T;

/** What answered is not what this page was made for. */
export class UnreadableAnswer extends Error {
  override readonly name = "UnreadableAnswer";
}

function wrong(at: string, expected: string): UnreadableAnswer {
  return new UnreadableAnswer(`${at === "" ? "the answer" : at} is not ${expected}`);
}

export const readText: Read<string> = (value, at) => {
  if (typeof value !== "string") throw wrong(at, "a text");
  return value;
};

export const readNumber: Read<number> = (value, at) => {
  if (typeof value !== "number") throw wrong(at, "a number");
  return value;
};

export const readFlag: Read<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw wrong(at, "true or false");
  return value;
};

export function readList<T>(read: Read<T>): Read<readonly T[]> {
  return (value, at) => {
    if (!isJsonArray(value)) throw wrong(at, "a list");
    return value.map((item, index) => read(item, `${at}[${index}]`));
  };
}

/** Also null, or not there, which both are undefined. */
export function readMaybe<T>(read: Read<T>): Read<T | undefined> {
  return (value, at) => (value === null || value === undefined ? undefined : read(value, at));
}

type Members = Readonly<Record<string, Read<unknown>>>;

/** An object with members; others are left out. A member `runScope` here is `run_scope` in the answer. */
export function readObject<M extends Members>(
  members: M,
): Read<{ readonly [Name in keyof M]: ReturnType<M[Name]> }> {
  return (value, at) => {
    if (!isJsonObject(value)) throw wrong(at, "an object");
    const entries = Object.entries(members).map(([name, read]) => {
      const written = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [name, read(ownValue(value, written), at === "" ? written : `${at}.${written}`)];
    });
    // Each member is what its reader answers.
    return Object.fromEntries(entries) as { [Name in keyof M]: ReturnType<M[Name]> };
  };
}
