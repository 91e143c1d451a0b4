import type { RunStatus } from "../../client/control-plane.ts";
import { reasonOf } from "../../client/run-failed.ts";
import { stringifyJson } from "../../shared/json.ts";
import { packageVersion } from "../../shared/package-files.ts";
import { escapeSlack } from "../hooks/providers/escape-slack.ts";
import { isSlackAddress } from "../hooks/providers/slack-reply-to.ts";
import type { Notice } from "./notice.ts";
import type { NoticeFormat } from "./notice-format.ts";
import { slackDelaysMs } from "./retry-delay.ts";
import type { RunEnds } from "./run-ends.ts";

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const usefulMs = 30 * 60_000;
const mostOfReason = 2_000;

/** Messages to the `response_url` of a delivery of Slack's. */
export function slackFormat(ends: RunEnds): NoticeFormat {
  const headers = {
    "content-type": "application/json",
    "user-agent": `flyte-webhook/${packageVersion()}`,
  };
  return {
    ...{ ends, usefulMs, delaysMs: slackDelaysMs },
    // 404 expired_url, used_url and others: none of them gets better.
    isFinal: (status) => status >= 400 && status < 500 && status !== 408 && status !== 429,
    mayTell: isSlackAddress,
    toMessage: async (notice, run) => {
      const text = escapeSlack(wordsOf(notice, run));
      const message = { response_type: "ephemeral", replace_original: false, text };
      return { body: Buffer.from(stringifyJson(message)), headersAt: () => headers };
    },
  };
}

function wordsOf({ run: { name } }: Notice, run: RunStatus | undefined): string {
  if (run === undefined) return `Run ${name} is not known any more.`;
  const { phase, url } = run;
  if (phase === "succeeded" || phase === "recovered") return `Run ${name} succeeded: ${url}`;
  const how = phase === "failed" ? "failed" : phase === "aborted" ? "was aborted" : "timed out";
  const reason = reasonOf(run)?.slice(0, mostOfReason);
  return `Run ${name} ${how}: ${url}${reason === undefined ? "" : `\n${reason}`}`;
}
