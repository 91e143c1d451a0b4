import type { FastifyBaseLogger } from "fastify";
import type { RunStatus } from "../../client/control-plane.ts";
import type { Clock } from "./clock.ts";
import { Lanes } from "./lanes.ts";
import type { Notice, NoticeEnd } from "./notice.ts";
import type { NoticeFormat } from "./notice-format.ts";
import type { NoticeJournal } from "./notice-journal.ts";
import { type AttemptResult, mostOfHost, type NoticeSender } from "./notice-sender.ts";
import type { Kept } from "./notice-state.ts";
import { retryDelay } from "./retry-delay.ts";

export interface RunNoticesParts {
  readonly journal: NoticeJournal;
  readonly sender: NoticeSender;
  /** How notices are told; undefined for those of a hook that is not there any more. */
  readonly formatOf: (to: Notice["to"]) => NoticeFormat | undefined;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger | undefined;
  readonly most: number;
}

/** What happened so far, for the metrics. */
export interface NoticeCounts {
  readonly ends: Readonly<Record<NoticeEnd, number>>;
  /** Attempts that failed and were not the last. */
  readonly retries: number;
}

/** What is being done for a notice. */
interface Work {
  /** Requests that are about to start its run. */
  claims: number;
  leave: () => void;
}

/** How often notices are looked for that are of no use any more. */
const sweepMs = 60_000;
const atATime = 32;

/**
 * Tells of the ends of runs, each at least once: what was kept is told, whatever happens to this process, unless its
 * receiver cannot be reached for too long.
 */
export class RunNotices {
  readonly #parts: RunNoticesParts;
  readonly #work = new Map<string, Work>();
  readonly #lanes = new Lanes(atATime, mostOfHost);
  readonly #closing = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  readonly #ends: Record<NoticeEnd, number> = {
    ...{ delivered: 0, refused: 0, given_up: 0, expired: 0, withdrawn: 0 },
  };
  #retries = 0;
  #endSweep: () => void = () => undefined;

  constructor(parts: RunNoticesParts) {
    this.#parts = parts;
  }

  get counts(): NoticeCounts {
    return { ends: this.#ends, retries: this.#retries };
  }

  /** How many are to be told. */
  get pending(): number {
    return this.#parts.journal.state.kept.size;
  }

  /** Whether there is no room for one more. */
  get isFull(): boolean {
    return this.pending >= this.#parts.most;
  }

  /** Goes on with what an earlier process has left. */
  resume(): void {
    for (const kept of [...this.#parts.journal.state.kept.values()]) {
      // Whether its run was started is not known, and one of that name may be another's.
      if (kept.start === "claimed") this.#over(kept.notice, "withdrawn");
      else this.#follow(kept.notice);
    }
    this.#sweepLater();
  }

  /**
   * Keeps a notice whose run is about to be started.
   *
   * @param start - `named` where nobody else could have given the run its name
   * @returns when it is on disk; rejects when it cannot be kept
   */
  async claim(notice: Notice, start: "named" | "claimed"): Promise<void> {
    const { kept, told } = this.#parts.journal.state;
    if (told.has(notice.id)) return;
    this.#workOf(notice.id).claims += 1;
    if (kept.get(notice.id)?.start === "started") return;
    try {
      await this.#parts.journal.write({ op: "keep", notice, start });
    } catch (error) {
      this.withdraw(notice);
      throw error;
    }
  }

  /** Forgets a notice whose run was not started, unless another request has started it. */
  withdraw(notice: Notice): void {
    const work = this.#work.get(notice.id);
    if (work === undefined) return;
    work.claims -= 1;
    const { start } = this.#parts.journal.state.kept.get(notice.id) ?? {};
    if (work.claims > 0 || start === undefined || start === "started") return;
    this.#over(notice, "withdrawn");
  }

  /** A run may have been started, or not: that is found out. */
  doubt(notice: Notice): void {
    const { start } = this.#parts.journal.state.kept.get(notice.id) ?? {};
    if (start === "named") this.#follow(notice);
    else this.withdraw(notice);
  }

  /**
   * Tells of the end of a run, which is there.
   *
   * @returns when that survives the process; rejects when it may not
   */
  async keep(notice: Notice): Promise<void> {
    const { journal } = this.#parts;
    if (journal.state.told.has(notice.id)) return;
    const { start } = journal.state.kept.get(notice.id) ?? {};
    if (start === "started") return;
    const written = journal.write({ op: "keep", notice, start: "started" });
    this.#follow(notice);
    // What was kept before is found again without this line.
    if (start !== "named") await written;
    else written.catch((error) => this.#cannotWrite(error));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#endSweep();
    for (const { leave } of this.#work.values()) leave();
    this.#work.clear();
    await Promise.all(this.#sending);
    await this.#parts.sender.close();
    await this.#parts.journal.close();
  }

  #workOf(id: string): Work {
    let work = this.#work.get(id);
    if (work === undefined) {
      work = { claims: 0, leave: () => undefined };
      this.#work.set(id, work);
    }
    return work;
  }

  #follow(notice: Notice): void {
    if (this.#closing.signal.aborted) return;
    const format = this.#parts.formatOf(notice.to);
    if (format?.mayTell(notice.url) !== true) {
      this.#over(notice, "expired");
      return;
    }
    const work = this.#workOf(notice.id);
    work.leave();
    work.leave = format.ends.follow(notice.run, {
      onEnd: (run) => this.#sendWhenDue(notice, format, run),
      onUnknown: () => {
        const { start } = this.#parts.journal.state.kept.get(notice.id) ?? {};
        if (start === "started") this.#sendWhenDue(notice, format, undefined);
        else this.#over(notice, "withdrawn");
      },
    });
  }

  #sendWhenDue(notice: Notice, format: NoticeFormat, run: RunStatus | undefined): void {
    const { clock, journal } = this.#parts;
    const send = (): void => {
      const sending = this.#send(notice, format, run).finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    };
    const waitMs = (journal.state.kept.get(notice.id)?.nextAt ?? 0) - clock.now();
    if (waitMs <= 0) send();
    else this.#workOf(notice.id).leave = clock.after(waitMs, send);
  }

  async #send(notice: Notice, format: NoticeFormat, run: RunStatus | undefined): Promise<void> {
    const { signal } = this.#closing;
    const result = await this.#lanes.run(new URL(notice.url).host, () =>
      this.#attempt(notice, format, run),
    );
    const kept = this.#parts.journal.state.kept.get(notice.id);
    if (kept === undefined || result === undefined) return;
    if (result.kind === "delivered") this.#over(notice, "delivered");
    else if (result.kind === "refused") this.#over(notice, "refused", result.reason);
    else if (!signal.aborted) this.#failed(kept, format, run, result);
  }

  /** Undefined where it is too late. */
  async #attempt(
    notice: Notice,
    format: NoticeFormat,
    run: RunStatus | undefined,
  ): Promise<AttemptResult | undefined> {
    const { clock, sender } = this.#parts;
    const { signal } = this.#closing;
    if (signal.aborted) return undefined;
    if (this.#isUseless(notice, format)) {
      this.#over(notice, "expired");
      return undefined;
    }
    const { isFinal } = format;
    try {
      const { body, headersAt } = await format.toMessage(notice, run);
      const headers = headersAt(new Date(clock.now()));
      return await sender.send({ url: notice.url, headers, body, isFinal, signal });
    } catch (error) {
      const reason = error instanceof Error ? error.name : "unknown error";
      return { kind: "failed", reason, retryAfterMs: undefined };
    }
  }

  #failed(
    { notice, attempts: before }: Kept,
    format: NoticeFormat,
    run: RunStatus | undefined,
    { reason, retryAfterMs }: Extract<AttemptResult, { readonly kind: "failed" }>,
  ): void {
    const { clock, journal, logger } = this.#parts;
    const attempts = before + 1;
    const about = { attempts, askedMs: retryAfterMs };
    const delayMs = retryDelay(format.delaysMs, about, Math.random());
    if (delayMs === undefined) {
      this.#over(notice, "given_up", reason);
      return;
    }
    this.#retries += 1;
    logger?.info({ ...shown(notice), attempts, reason }, "callback failed and is tried again");
    const nextAt = clock.now() + Math.round(delayMs);
    journal
      .write({ op: "tried", id: notice.id, attempts, nextAt })
      .catch((error) => this.#cannotWrite(error));
    this.#sendWhenDue(notice, format, run);
  }

  #over(notice: Notice, end: NoticeEnd, reason?: string): void {
    const { clock, journal, logger } = this.#parts;
    this.#work.get(notice.id)?.leave();
    this.#work.delete(notice.id);
    this.#ends[end] += 1;
    const words = { ...shown(notice), end, ...(reason !== undefined && { reason }) };
    if (end === "delivered" || end === "withdrawn") logger?.debug(words, "callback is over");
    else logger?.warn(words, "callback is given up");
    journal
      .write({ op: "over", id: notice.id, end, at: clock.now() })
      .catch((error) => this.#cannotWrite(error));
  }

  #isUseless({ since }: Notice, { usefulMs }: NoticeFormat): boolean {
    return this.#parts.clock.now() > since + usefulMs;
  }

  #sweepLater(): void {
    this.#endSweep = this.#parts.clock.after(sweepMs, () => {
      for (const { notice, attempts } of [...this.#parts.journal.state.kept.values()]) {
        const format = this.#parts.formatOf(notice.to);
        const isSent = attempts > 0;
        if (format !== undefined && !isSent && this.#isUseless(notice, format)) {
          this.#over(notice, "expired");
        }
      }
      this.#sweepLater();
    });
  }

  #cannotWrite(error: unknown): void {
    const code = (error as NodeJS.ErrnoException)?.code;
    this.#parts.logger?.error({ code }, "the journal of callbacks cannot be written");
  }
}

/** What of a notice may be logged: its address may be a secret. */
function shown({ id, to, url, run: { project, domain, name } }: Notice): object {
  return { callback: id, to, origin: new URL(url).origin, run: `${domain}/${project}/${name}` };
}
