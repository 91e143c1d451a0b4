import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { toLabelValue } from "./delivery-labels.ts";
import type { HookEvent, HookProvider, RawDelivery } from "./provider.ts";
import { recordDelivery } from "./recorded-delivery.ts";

interface RecordedHook {
  readonly name: string;
  readonly from: HookProvider;
  /** The folder; undefined where nothing is kept. */
  readonly record: string | undefined;
}

/** Writes deliveries into files beside answering them: one that cannot be written is told to the log alone. */
export class DeliveryFiles {
  readonly #logger: FastifyBaseLogger | undefined;
  readonly #written = new Set<Promise<void>>();

  constructor(logger: FastifyBaseLogger | undefined) {
    this.#logger = logger;
  }

  /** Keeps a delivery that is proved, under its type and id: sent again, it is written over. */
  keep(
    { name, from, record: folder }: RecordedHook,
    { type, id = randomUUID() }: HookEvent,
    delivery: RawDelivery,
  ): void {
    if (folder === undefined) return;
    const path = join(folder, `${toLabelValue(type)}_${toLabelValue(id)}.json`);
    const text = `${JSON.stringify(recordDelivery(from, delivery), undefined, 2)}\n`;
    const writing = write(folder, path, text)
      .catch((error: unknown) => {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        this.#logger?.warn({ hook: name, folder, code }, "a delivery could not be recorded");
      })
      .finally(() => this.#written.delete(writing));
    this.#written.add(writing);
  }

  /** Resolves when all is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#written);
  }
}

/** For the owner alone, as payloads may be anybody's; and whole, also when two of an id are written at once. */
async function write(folder: string, path: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}.tmp`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, path);
}
