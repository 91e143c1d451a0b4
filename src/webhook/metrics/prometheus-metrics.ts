import type { Registry } from "prom-client";
import { exportsOf } from "../../shared/exports-of.ts";
import type { Counter, Histogram, Labels, Metrics, Sample } from "./metrics.ts";

type Client = typeof import("prom-client");
type Read = () => number | readonly Sample[];

/** Seconds: from an answer out of memory to one that a caller waited for. */
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

/** One for the whole process: its collectors never end. */
let ofProcess: Registry | undefined;

/** Metrics in the text format of Prometheus. Nothing is counted before they are loaded. */
export class PrometheusMetrics implements Metrics {
  readonly #declared = new Map<string, object>();
  readonly #waiting: ((client: Client, registers: Registry[]) => void)[] = [];
  #client: Client | undefined;
  #registry: Registry | undefined;

  /** Loads the library, so that those who serve no metrics do not pay for it. */
  async load(): Promise<void> {
    const client = exportsOf(await import("prom-client"), "Registry");
    this.#client = client;
    this.#registry = new client.Registry();
    if (ofProcess === undefined) {
      ofProcess = new client.Registry();
      client.collectDefaultMetrics({ register: ofProcess });
    }
    for (const make of this.#waiting.splice(0)) make(client, [this.#registry]);
  }

  /** All of them, those of the process included. */
  async print(): Promise<{ readonly type: string; readonly text: string }> {
    if (this.#registry === undefined || ofProcess === undefined) await this.load();
    const registries = [this.#registry, ofProcess];
    const texts = await Promise.all(registries.map((registry) => registry?.metrics()));
    return { type: this.#registry?.contentType ?? "", text: texts.join("") };
  }

  gauge(name: string, help: string, read: Read, labels: readonly string[] = []): void {
    this.#read(name, read, ({ Gauge }, registers, now) => {
      new Gauge({
        ...{ name, help, registers, labelNames: [...labels] },
        collect() {
          this.reset();
          for (const { labels: given, value } of now()) this.set({ ...given }, value);
        },
      });
    });
  }

  total(name: string, help: string, read: Read, labels: readonly string[] = []): void {
    this.#read(name, read, ({ Counter }, registers, now) => {
      new Counter({
        ...{ name, help, registers, labelNames: [...labels] },
        collect() {
          this.reset();
          for (const { labels: given, value } of now()) this.inc({ ...given }, value);
        },
      });
    });
  }

  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    return this.#declare(name, () => {
      let count = (_labels: Labels, _by: number): void => undefined;
      this.#make((client, registers) => {
        const made = new client.Counter({ name, help, labelNames: [...labels], registers });
        count = (given, by) => made.inc({ ...given }, by);
      });
      return { add: (given: Labels = {}, by = 1): void => count(given, by) };
    });
  }

  histogram(
    name: string,
    help: string,
    labels: readonly string[] = [],
    buckets: readonly number[] = defaultBuckets,
  ): Histogram {
    return this.#declare(name, () => {
      let note = (_seconds: number, _labels: Labels): void => undefined;
      this.#make((client, registers) => {
        const made = new client.Histogram({
          ...{ name, help, registers },
          labelNames: [...labels],
          buckets: [...buckets],
        });
        note = (seconds, given) => made.observe({ ...given }, seconds);
      });
      return { observe: (seconds: number, given: Labels = {}): void => note(seconds, given) };
    });
  }

  /** Something that is read; whoever declares it last says how. */
  #read(
    name: string,
    read: Read,
    make: (client: Client, registers: Registry[], now: () => readonly Sample[]) => void,
  ): void {
    const declared = this.#declare(name, () => {
      const reading = { read };
      const now = (): readonly Sample[] => {
        const found = reading.read();
        return typeof found === "number" ? [{ labels: {}, value: found }] : found;
      };
      this.#make((client, registers) => make(client, registers, now));
      return reading;
    });
    declared.read = read;
  }

  /** What was declared under the name, which is of the same kind. */
  #declare<Instrument extends object>(name: string, declare: () => Instrument): Instrument {
    const known = this.#declared.get(name) as Instrument | undefined;
    if (known !== undefined) return known;
    const declared = declare();
    this.#declared.set(name, declared);
    return declared;
  }

  #make(make: (client: Client, registers: Registry[]) => void): void {
    if (this.#client === undefined || this.#registry === undefined) this.#waiting.push(make);
    else make(this.#client, [this.#registry]);
  }
}
