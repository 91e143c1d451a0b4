import { assertOptions, invalidConfig, show } from "./invalid-config.ts";

export interface PortOptions {
  readonly port: number;
  /** The protocol, for what lies in front: `http1` or `h2c`. @default the platform's */
  readonly name?: "http1" | "h2c";
}

/** Taken by what runs beside an app in a cluster. */
const reserved: readonly number[] = [8012, 8022, 8112, 9090, 9091];
const protocols: readonly unknown[] = [undefined, "http1", "h2c"];

/**
 * Where an app listens.
 *
 * @throws FlyteError `invalid_config` for a number that is no port, and for reserved ones
 */
export class Port {
  readonly port: number;
  readonly name: "http1" | "h2c" | undefined;

  constructor(options: PortOptions) {
    assertOptions("Port", options, ["port", "name"]);
    const { port, name } = options;
    if (!Number.isSafeInteger(port) || port < 1 || port > 65_535) {
      throw invalidConfig(`port ${show(port)} must be a whole number from 1 to 65535.`);
    }
    if (reserved.includes(port)) {
      throw invalidConfig(
        `port ${port} is not allowed: ${reserved.join(", ")} are reserved. Choose another, such as 8080.`,
      );
    }
    if (!protocols.includes(name)) {
      throw invalidConfig(`The name ${show(name)} of port ${port} must be "http1" or "h2c".`);
    }
    this.port = port;
    this.name = name;
  }
}
