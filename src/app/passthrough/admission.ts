import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { CredentialExtractor } from "./credential-extractor.ts";
import { type CredentialSource, createCredentialReader } from "./credential-reader.ts";
import { compileExcludedPaths, type ExcludedPath } from "./excluded-paths.ts";
import { logExtractorFailures, type PassthroughLogger } from "./extractor-failure.ts";
import { defaultExtractors } from "./extractors.ts";
import type { CredentialReading } from "./read-credentials.ts";
import type { CredentialRefusal } from "./refusal.ts";

/** How callers' credentials are found, whatever the framework. */
export interface PassthroughOptions {
  /**
   * Paths that need no credential: whole paths, or `{ prefix: "/public/" }` for all below a folder.
   * They are compared with the path of the request as it was sent; forwarded headers, the query and
   * other spellings of a path (`%2f`, `..`, `//`, `;x`) never make one match.
   *
   * @default none
   */
  readonly excludedPaths?: readonly ExcludedPath[];
  /**
   * Where credentials are looked for. All that are found are forwarded; of two under one name the one
   * later in the list counts.
   *
   * @default the `authorization` and `cookie` headers
   */
  readonly headerExtractors?: readonly CredentialExtractor[];
  /** Told of extractors that fail. @default the framework's logger, else standard error */
  readonly logger?: PassthroughLogger;
}

/** What becomes of a request. */
export type Admission =
  | {
      readonly kind: "admitted";
      /** Undefined on excluded paths. */
      readonly metadata: AuthMetadata | undefined;
    }
  | { readonly kind: "stopped"; readonly refusal: CredentialRefusal };

/** Decides on a request. Resolves only where an extractor of the user's does. */
export type Admit = (
  source: CredentialSource,
  logger?: PassthroughLogger,
) => Admission | Promise<Admission>;

const excluded: Admission = { kind: "admitted", metadata: undefined };

/** @throws FlyteError `invalid_config` for a path that cannot be recognised safely */
export function createAdmission(options: PassthroughOptions): Admit {
  const isExcluded = compileExcludedPaths(options.excludedPaths);
  const read = createCredentialReader(options.headerExtractors ?? defaultExtractors);
  return (source, logger = standardError) => {
    if (isExcluded(source.target)) return excluded;
    const reading = read(source, logExtractorFailures(options.logger ?? logger));
    return reading instanceof Promise ? reading.then(toAdmission) : toAdmission(reading);
  };
}

function toAdmission(reading: CredentialReading): Admission {
  return reading.kind === "present"
    ? { kind: "admitted", metadata: reading.metadata }
    : { kind: "stopped", refusal: reading };
}

const standardError: PassthroughLogger = {
  warn: (details, message) => {
    process.stderr.write(`${JSON.stringify({ level: "warn", msg: message, ...details })}\n`);
  },
};
