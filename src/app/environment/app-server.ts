/** Where and how an app is started inside this process. */
export interface AppContext {
  readonly name: string;
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on. */
  readonly port: number;
  /**
   * The app's environment variables: those of this process, with `envVars` of the environment on
   * top. `process.env` stays as it is, because several apps may share the process.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the app gets for its parameters: texts, paths and addresses, by their names. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Aborts when the app is to stop. */
  readonly signal: AbortSignal;
}

/** An app that runs inside this process. */
export interface RunningServer {
  /** The port it listens on. */
  readonly port: number;
  /** Aborts, with the reason, when it ends without having been stopped. */
  readonly ended?: AbortSignal;
  /** Takes nothing new, answers what was accepted, and cuts off what is left after the grace time. */
  stop(graceMs: number): Promise<void>;
}

/** Starts an app inside this process and resolves when it listens. */
export type AppServer = (context: AppContext) => Promise<RunningServer>;
