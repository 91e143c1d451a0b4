import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { FlyteError } from "../../shared/errors.ts";
import { lookupHost } from "../../shared/lookup-host.ts";
import { startDeadline } from "../../shared/signals.ts";

export interface HealthQuestion {
  readonly url: string;
  /** Longest time for an answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** The status it answers with, or the reason why there is none. On a connection of its own. */
export function probeHealth({ url, timeoutMs }: HealthQuestion): Promise<number | string> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = get(url, { agent: false, lookup: lookupHost, signal });
    request.once("response", (response) => {
      resolve(response.statusCode ?? "no status");
      response.destroy();
    });
    request.once("error", (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === "ABORT_ERR"
          ? `no answer within ${timeoutMs} ms`
          : (error.code ?? "no answer"),
      ),
    );
  });
}

/** Anything but a failure of the server: an app without a health path is there too. */
export function isHealthy(answer: number | string): boolean {
  return typeof answer === "number" && answer < 500;
}

export interface HealthWait extends HealthQuestion {
  readonly app: string;
  readonly intervalMs: number;
  /** Longest time until it is healthy, in milliseconds. */
  readonly longestMs: number;
  /** Signals that end the wait with their reason. */
  readonly signals: readonly (AbortSignal | undefined)[];
}

/** @throws FlyteError `deadline_exceeded` when it is not healthy in time; else the reason of a signal */
export async function untilHealthy(wait: HealthWait): Promise<void> {
  const { longestMs, intervalMs } = wait;
  using deadline = startDeadline({ signals: wait.signals, timeoutMs: longestMs });
  for (;;) {
    const answer = await probeHealth(wait);
    for (const signal of wait.signals) signal?.throwIfAborted();
    if (isHealthy(answer)) return;
    if (deadline.signal.aborted) throw unhealthy(wait, answer);
    await delay(intervalMs, undefined, { signal: deadline.signal }).catch(() => undefined);
  }
}

function unhealthy({ app, url, longestMs }: HealthWait, answer: number | string): FlyteError {
  const last = typeof answer === "number" ? `status ${answer}` : answer;
  return new FlyteError(
    "deadline_exceeded",
    `The app "${app}" was not healthy within ${longestMs} ms: GET ${url} gave ${last} and has to give a status below 500. Check that it listens on the port in PORT, or give healthPath or a longer activateTimeoutMs.`,
  );
}
