import { githubDelivery } from "../hook-webhook.ts";
import { LiveReader } from "../live-reader.ts";
import type { ChaosWorld } from "./chaos-world.ts";
import { GoodClient, type SentRequest, type ToldAnswer } from "./good-client.ts";
import { pick, type Random } from "./random.ts";

const taskPath = "development/flytesnacks/chaos.echo";

/** A start, and what its client was told of it. */
export interface NotedStart {
  /** What its run has as its input, and no other run. */
  readonly n: number;
  /** Whose run it has to be. */
  readonly owner: string;
  /** Names of its run in answers that said it was started. */
  readonly names: Set<string>;
  /** Says it again. Undefined where that could start a second run. */
  readonly again: SentRequest | undefined;
}

/** Clients that call webhooks in front of chaos, each in its own order, and note what they are told. */
export class ChaosCalls {
  readonly client: GoodClient;
  readonly starts: NotedStart[] = [];
  /** What was told and cannot be. */
  readonly lies: string[] = [];
  /** Streams that were opened; each is one more request. */
  streams = 0;
  readonly #world: ChaosWorld;
  readonly #withoutKeys: boolean;
  #count = 0;

  /** @param withoutKeys - whether some starts have no key */
  constructor(world: ChaosWorld, withoutKeys: boolean) {
    this.#world = world;
    this.#withoutKeys = withoutKeys;
    this.client = new GoodClient(Object.values(world.keys));
  }

  /** One client: so many calls, one after the other. */
  async run(random: Random, caller: string, calls: number): Promise<void> {
    const kinds = [
      ...["start", "start", "start", "twins", "batch", "wait", "hook", "events"],
      ...["get", "io", "list", "abort", "me"],
      ...(this.#withoutKeys ? ["blind", "blind"] : []),
    ];
    for (let left = calls; left > 0; left -= 1)
      await this.call(pick(random, kinds), random, caller);
  }

  async call(kind: string, random: Random, caller: string): Promise<void> {
    const url = (): string => pick(random, this.#world.webhooks).url;
    const headers = { authorization: `Bearer ${this.#world.keys[caller]}` };
    switch (kind) {
      case "start":
      case "wait":
        return this.#keyed(url, caller, headers, kind === "wait");
      case "twins": {
        const request = this.#newStart(caller, headers, false);
        const both = [url, url].map(() => this.client.patiently(url, request.again));
        for (const answers of await Promise.all(both)) this.#note(request, answers);
        return;
      }
      case "blind": {
        const request = this.#newStart(caller, headers, false, false);
        const { again, ...start } = request;
        this.#note({ ...start }, [await this.client.once(url(), again)]);
        return;
      }
      case "batch":
        return this.#batch(url, caller, headers);
      case "hook":
        return this.#deliver(url);
      case "me": {
        const { status, body } = await this.#read(url, { path: "/me", headers });
        if (status === 200 && body.subject !== caller) this.#lie(caller, "is another", body);
        return;
      }
      case "list": {
        const { status, body } = await this.#read(url, { path: "/runs?limit=50", headers });
        if (status === 200 && !Array.isArray(body.runs)) this.#lie(caller, "has no list", body);
        return;
      }
      default:
        return this.#aboutRun(kind, url, random, caller, headers);
    }
  }

  #lie(caller: string, what: string, body: unknown): void {
    this.lies.push(`${caller} ${what}: ${JSON.stringify(body).slice(0, 300)}`);
  }

  #newStart(caller: string, headers: Headers, wait: boolean, isKeyed = true) {
    this.#count += 1;
    const n = this.#count;
    const path = wait ? `/run-task-and-wait/${taskPath}?wait=2` : `/run-task/${taskPath}`;
    const again: SentRequest = {
      path,
      headers: { ...headers, ...(isKeyed && { "idempotency-key": `key-${n}` }) },
      body: JSON.stringify({ who: caller, n }),
    };
    const start = { n, owner: caller, names: new Set<string>() };
    this.starts.push({ ...start, again: isKeyed ? again : undefined });
    return { ...start, again };
  }

  async #keyed(url: () => string, caller: string, headers: Headers, wait: boolean): Promise<void> {
    const start = this.#newStart(caller, headers, wait);
    this.#note(start, await this.client.patiently(url, start.again));
  }

  #note(start: Omit<NotedStart, "again">, answers: readonly ToldAnswer[]): void {
    for (const { status, body } of answers) {
      const isStarted = status === 200 || status === 202 || status === 424;
      if (isStarted) start.names.add(String(body.name));
      else if (![409, 429, 502, 503, 504].includes(status)) {
        this.#lie(start.owner, `was refused ${start.n}`, body);
      }
      if (body.outputs != null) {
        const { who, n } = body.outputs;
        if (who !== start.owner || n !== start.n) this.#lie(start.owner, "has other outputs", body);
      }
    }
  }

  async #batch(url: () => string, caller: string, headers: Headers): Promise<void> {
    const starts = [0, 1, 2].map(() => {
      this.#count += 1;
      return { n: this.#count, owner: caller, names: new Set<string>() };
    });
    const again: SentRequest = {
      path: "/run-tasks",
      headers: { ...headers, "idempotency-key": `batch-${this.#count}` },
      body: JSON.stringify({
        runs: starts.map(({ n }) => ({
          ...{ domain: "development", project: "flytesnacks", name: "chaos.echo" },
          inputs: { who: caller, n },
        })),
      }),
    };
    for (const start of starts) this.starts.push({ ...start, again });
    for (let left = 6; left > 0; left -= 1) {
      const [answer] = (await this.client.patiently(url, again)).slice(-1);
      if (answer === undefined || (answer.status !== 200 && answer.status !== 207)) continue;
      this.noteBatch(starts, answer);
      if (answer.status === 200) return;
    }
  }

  noteBatch(starts: readonly Omit<NotedStart, "again">[], { body }: ToldAnswer): void {
    for (const [at, item] of body.runs.entries()) {
      if (item.status === 200) starts[at]?.names.add(item.name);
      else if (![409, 429, 502, 503, 504].includes(item.status)) {
        this.#lie(starts[at]?.owner ?? "", "was refused an item", item);
      }
    }
  }

  async #deliver(url: () => string): Promise<void> {
    this.#count += 1;
    const n = this.#count;
    const { headers, body } = githubDelivery({ id: `delivery-${n}`, payload: { n } });
    const again: SentRequest = { path: "/hooks/github", headers, body: body.toString() };
    const start = { n, owner: "robot", names: new Set<string>() };
    this.starts.push({ ...start, again });
    for (const { status, body: told } of await this.client.patiently(url, again)) {
      if (status === 202) start.names.add(told.run.name);
    }
  }

  #read(url: () => string, request: SentRequest): Promise<ToldAnswer> {
    return this.client.once(url(), request);
  }

  async #aboutRun(
    kind: string,
    url: () => string,
    random: Random,
    caller: string,
    headers: Headers,
  ): Promise<void> {
    const own = this.starts.filter(({ owner, names }) => owner === caller && names.size > 0);
    if (own.length === 0) return;
    const start = pick(random, own);
    const [name = ""] = start.names;
    if (kind === "events") return this.#events(url(), caller, name);
    const path = { get: `/run/${name}`, io: `/run/${name}/io`, abort: `/run/${name}/abort` }[kind];
    const request = {
      path: path ?? "",
      headers,
      ...(kind === "abort" && { method: "POST" as const }),
    };
    const { status, body } = await this.#read(url, request);
    if (status === 404) this.#lie(caller, `lost ${name}`, body);
    if (status !== 200) return;
    if (kind === "io" && (body.inputs?.n !== start.n || body.inputs?.who !== caller)) {
      this.#lie(caller, "read other inputs", body);
    } else if (kind !== "io" && body.name !== name) this.#lie(caller, "read another run", body);
  }

  async #events(url: string, caller: string, name: string): Promise<void> {
    const key = this.#world.keys[caller] ?? "";
    await using reader = await LiveReader.open(`${url}/run/${name}/events`, { key });
    this.streams += 1;
    if (reader.status !== 200) return;
    const event = await reader.next();
    const isOther = event?.event !== "error" && event?.data?.name !== name;
    if (isOther) this.#lie(caller, "was told of another run", event);
  }
}

type Headers = Readonly<Record<string, string>>;
