export interface ToggleOptions {
  /** Whether to wait until it is so, rather than until it has begun. @default true */
  readonly wait?: boolean;
}

/** An app that is served. `await using` deactivates it at the end of the block. */
export interface AppHandle extends AsyncDisposable {
  readonly name: string;
  /** The address that clients call, for example `http://127.0.0.1:8080`. */
  readonly endpoint: string;
  /** The address for people: the endpoint, where the app runs on this machine. */
  readonly url: string;
  /** Asks the app: whether its health path answers with a status below 500. */
  isActive(): Promise<boolean>;
  /** Whether nothing of it runs. */
  isDeactivated(): Promise<boolean>;
  /**
   * Starts it, on this machine also what it depends on. Does nothing when it runs.
   *
   * @throws FlyteError `app_failed` when it ends or throws while it starts, `deadline_exceeded`
   * when it is not healthy in time, `invalid_config` when its port is taken
   */
  activate(options?: ToggleOptions): Promise<void>;
  /**
   * Stops it once running requests are answered. Does nothing when it does not run.
   *
   * What runs on this machine for its sake alone is stopped after it. On a control plane apps that it
   * depends on stay as they are: others may use them by now, and they sleep when nobody does.
   */
  deactivate(options?: ToggleOptions): Promise<void>;
}
