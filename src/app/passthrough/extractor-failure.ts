import type { CredentialFunction } from "./credential-extractor.ts";

/** Where failed extractors are written to: a logger such as pino's, or `console`. */
export interface PassthroughLogger {
  warn(details: object, message: string): void;
}

/** Told of an extractor that failed and was skipped. */
export type LogExtractorFailure = (extractor: string, error: unknown) => void;

/** How an extractor is called in the log: its place in the list, and its name where it has one. */
export function nameExtractor({ name }: CredentialFunction, index: number): string {
  return name === "" ? `headerExtractors[${index}]` : `headerExtractors[${index}] (${name})`;
}

/**
 * Writes failures down. Of an error only its kind and the places in the code are kept: its message
 * may well quote the credential.
 */
export function logExtractorFailures(logger: PassthroughLogger): LogExtractorFailure {
  return (extractor, error) => {
    logger.warn(
      { extractor, error: kindOf(error), at: placesOf(error) },
      "A credential extractor failed and was skipped.",
    );
  };
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

function placesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || typeof error.stack !== "string") return [];
  const message = `${error.message}\n`;
  const end = error.stack.indexOf(message);
  if (end === -1) return []; // where the message ends is not known
  const lines = error.stack.slice(end + message.length).split("\n");
  return lines.slice(0, 5).map((line) => line.trim());
}
