import type {
  CredentialExtractor,
  CredentialFunction,
  CredentialRequest,
} from "./credential-extractor.ts";
import { checkedHeaderName, isVisibleAscii } from "./credential-names.ts";
import { type LogExtractorFailure, nameExtractor } from "./extractor-failure.ts";
import {
  type CredentialReading,
  collectValues,
  conclude,
  type Extraction,
  extract,
  readCredentials,
} from "./read-credentials.ts";

/** A request, as far as credentials go. */
export interface CredentialSource {
  /** Names and values in turn, each header as it was sent. */
  readonly rawHeaders: readonly string[];
  /** Whether repeated headers were joined with commas. */
  readonly merged: boolean;
  /** Path and query. */
  readonly target: string;
  readonly method: string;
}

/** Resolves only where a function of the user's does: everything else stays synchronous. */
export type CredentialReader = (
  source: CredentialSource,
  log: LogExtractorFailure,
) => CredentialReading | Promise<CredentialReading>;

/** Compiles a list of extractors. */
export function createCredentialReader(
  extractors: readonly CredentialExtractor[],
): CredentialReader {
  const readers = extractors.filter((extractor) => typeof extractor !== "function");
  if (readers.length === extractors.length) {
    return ({ rawHeaders, merged }) => readCredentials(rawHeaders, readers, merged);
  }
  // A function may read either of them, so neither may be ambiguous.
  const names = ["authorization", "cookie", ...readers.map(({ header }) => header)];
  return (source, log) => {
    const values = collectValues(source.rawHeaders, names, source.merged);
    if ("fault" in values) return { kind: "refused", reason: values.fault };
    const request = toCredentialRequest(source);
    const found = extractors.map((extractor, index) => {
      if (typeof extractor !== "function") return extract(extractor, values);
      const failed = (error: unknown): void => log(nameExtractor(extractor, index), error);
      return call(extractor, request, failed);
    });
    return isSynchronous(found) ? conclude(found) : Promise.all(found).then(conclude);
  };
}

function isSynchronous(
  found: readonly (Extraction | Promise<Extraction>)[],
): found is readonly Extraction[] {
  return !found.some((extraction) => extraction instanceof Promise);
}

function call(
  extractor: CredentialFunction,
  request: CredentialRequest,
  failed: (error: unknown) => void,
): Extraction | Promise<Extraction> {
  const skip = (error: unknown): undefined => failed(error) as undefined;
  try {
    const given: unknown = extractor(request);
    if (!isThenable(given)) return toExtraction(given);
    return Promise.resolve(given).then(toExtraction).catch(skip);
  } catch (error) {
    return skip(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** @throws what is wrong with an answer that no credential can be made of, without its value */
function toExtraction(given: unknown): Extraction {
  if (given === undefined || given === null) return undefined;
  if (!Array.isArray(given) || given.length !== 2 || given.some((one) => typeof one !== "string")) {
    throw new TypeError("The extractor must give [name, value] or undefined.");
  }
  const [name, value]: string[] = given;
  const header = checkedHeaderName(name ?? "");
  const text = (value ?? "").trim();
  if (text === "") return undefined;
  if (isVisibleAscii(text)) return [header, text];
  return { fault: `The credential for ${header} holds a character that is not visible ASCII.` };
}

function toCredentialRequest({ rawHeaders, target, method }: CredentialSource): CredentialRequest {
  const values = new Map<string, string | undefined>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    values.set(name, values.has(name) ? undefined : rawHeaders[index + 1]);
  }
  const single = [...values].filter(([, value]) => value !== undefined);
  // Without a prototype: a header may have any name.
  const headers: Record<string, string> = Object.assign(
    Object.create(null),
    Object.fromEntries(single),
  );
  return { headers: Object.freeze(headers), url: target, method };
}
