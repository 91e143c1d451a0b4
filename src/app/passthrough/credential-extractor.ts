/** A header name, in any case, and its value. */
export type Credential = readonly [name: string, value: string];

/** What an extractor of one's own sees of a request. */
export interface CredentialRequest {
  /** By name in lower case. A header that was sent more than once has no single value and is left out. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly method: string;
}

/**
 * Finds a credential in a request: the header to send to the control plane, or undefined where there
 * is none. When it throws or rejects, that is logged without the credential, and it counts as none.
 *
 * The header must not belong to the connection or the protocol, and the value has to be visible
 * ASCII. Give an extractor that asks another service a time limit: the request waits for it.
 */
export type CredentialFunction = (
  request: CredentialRequest,
) => Credential | undefined | Promise<Credential | undefined>;

/** Why a credential that is there cannot be trusted, in one sentence that does not quote it. */
export interface CredentialFault {
  readonly fault: string;
}

/** Reads one header. The ready extractors are of this kind: no request waits for them. */
export interface HeaderReader {
  /** The request header it reads, in lower case. */
  readonly header: string;
  /** What to send to the control plane for this (never empty) value. */
  toMetadata(value: string): Credential | CredentialFault | undefined;
}

/** Where a credential is looked for: a ready extractor, or a function of one's own. */
export type CredentialExtractor = HeaderReader | CredentialFunction;
