import { startDeadline } from "../../shared/signals.ts";
import type { TaskLogger } from "../../tasks/task-context.ts";
import type { Pause } from "./backoff.ts";
import type { Hub } from "./hub.ts";
import { HubError, toNetworkError, toStatusError } from "./hub-errors.ts";
import { request } from "./hub-request.ts";
import { createRetries } from "./retries.ts";

export interface HubApiOptions {
  readonly hub: Hub;
  readonly repo: string;
  readonly signal: AbortSignal;
  readonly pause: Pause;
  readonly log: Pick<TaskLogger, "warn">;
}

const mostTries = 6;
const answerMs = 60_000;
const longestAnswer = 64 * 1024 * 1024;

/**
 * A `fetch` for the calls of `@huggingface/hub`, which tries again what may go over, reads each answer
 * whole and throws a {@link HubError} for one that is no success. Whatever address it is given, it asks the hub.
 */
export function createHubApi({ hub, repo, signal, pause, log }: HubApiOptions): typeof fetch {
  const { origin } = new URL(hub.url);
  return async (input) => {
    const given = new URL(input instanceof Request ? input.url : input);
    // Mirrors pass on the addresses of further pages as the original wrote them.
    const url = `${origin}${given.pathname}${given.search}`;
    const retries = createRetries({ most: mostTries, signal, pause, log, what: "List of files" });
    for (;;) {
      try {
        return await ask(url);
      } catch (error) {
        await retries.failed(error);
      }
    }
  };

  async function ask(url: string): Promise<Response> {
    using deadline = startDeadline({ signals: [signal], timeoutMs: answerMs });
    try {
      const headers = { accept: "application/json" };
      const response = await request(hub, url, { headers, signal: deadline.signal });
      if (!response.ok) {
        await response.body?.cancel();
        throw toStatusError(hub, repo, response);
      }
      const bytes = await readAll(hub, response);
      return new Response(bytes, { status: response.status, headers: response.headers });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toNetworkError(new URL(hub.url).host, deadline.signal.aborted ? late : error);
    }
  }
}

const late = Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });

async function readAll(hub: Hub, { body }: Response): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > longestAnswer) {
      throw new HubError(`The hub ${hub.url} answers with more than can be a list of files.`, {
        code: "HubAnswerInvalid",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
