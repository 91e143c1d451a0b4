/** Where the devbox writes its log: pino's shape, so that a pino logger fits as it is. */
export interface DevboxLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Drops everything. */
export const silentLogger: DevboxLogger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
