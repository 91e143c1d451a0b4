/** Bytes by URI. The devbox keeps them below its state folder under `file://` URIs. */
export interface BlobStore {
  /** URI of the store's root, without a trailing slash. */
  readonly root: string;
  /** Undefined when there is nothing at the URI. @throws FlyteError `invalid_input` for a URI outside the root */
  read(uri: string): Promise<Uint8Array | undefined>;
  /** Atomic and on disk (fsync) when it resolves. */
  write(uri: string, bytes: Uint8Array): Promise<void>;
  exists(uri: string): Promise<boolean>;
}
