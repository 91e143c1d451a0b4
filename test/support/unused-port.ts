import { freePort } from "../../src/app/serve/free-port.ts";

/** A port that nothing listens on, and that no test is given by chance. */
export function unusedPort(): Promise<number> {
  return freePort("test", "127.0.0.1", 0);
}
