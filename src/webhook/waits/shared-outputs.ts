import type { ControlPlane, RunIo } from "../../client/control-plane.ts";
import { type Followed, followedKey } from "./run-watches.ts";

/** Longest time for reading outputs, which comes on top of the wait. */
const readMs = 10_000;

/** Reads what runs gave. Those who ask for the same run with the same credential meanwhile share one reading. */
export class SharedOutputs {
  readonly #runs: Pick<ControlPlane["runs"], "io">;
  readonly #reading = new Map<string, Promise<RunIo["namedOutputs"]>>();

  constructor(runs: Pick<ControlPlane["runs"], "io">) {
    this.#runs = runs;
  }

  /** The outputs by name. @throws FlyteError when they cannot be read, or not as JSON */
  read(followed: Followed): Promise<RunIo["namedOutputs"]> {
    const key = followedKey(followed);
    let reading = this.#reading.get(key);
    if (reading === undefined) {
      reading = this.#read(followed).finally(() => this.#reading.delete(key));
      this.#reading.set(key, reading);
    }
    return reading;
  }

  async #read({ run, auth }: Followed): Promise<RunIo["namedOutputs"]> {
    const { project, domain, name } = run;
    const options = { timeoutMs: readMs, ...(auth !== null && { auth }) };
    return (await this.#runs.io({ project, domain, name }, options)).namedOutputs;
  }
}
