import type { FastifyInstance } from "fastify";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { metricsOf } from "../metrics/metrics-of.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { SharedOutputs } from "../waits/shared-outputs.ts";
import { callbackFormat } from "./callback-format.ts";
import { systemClock } from "./clock.ts";
import type { Notice } from "./notice.ts";
import type { NoticeFormat } from "./notice-format.ts";
import { NoticeJournal } from "./notice-journal.ts";
import { NoticeSender } from "./notice-sender.ts";
import { RunEnds } from "./run-ends.ts";
import { RunNotices } from "./run-notices.ts";
import { slackFormat } from "./slack-format.ts";

const ofWebhooks = new WeakMap<object, RunNotices>();

/** Longest time of an attempt where callbacks do not say another, in milliseconds. */
const defaultTimeoutMs = 15_000;
/** Most messages to Slack at a time where there is no journal. */
const mostInMemory = 10_000;

/** Who tells of the ends of runs in the webhook with these options; undefined where nobody is told, or not yet. */
export function noticesOf(options: ResolvedOptions): RunNotices | undefined {
  return ofWebhooks.get(options);
}

/** Opens the journal when the webhook becomes ready, goes on with what is in it, and closes it at last. */
export function addNotices(app: FastifyInstance, options: ResolvedOptions): void {
  const { callbacks, hooks, logger } = options;
  const formats = formatsOf(options);
  const repliers = hooks.filter(({ from }) => from.replyTo !== undefined);
  if (callbacks === undefined && repliers.length === 0) return;
  app.addHook("onReady", async () => {
    const file = callbacks?.file;
    const notices = new RunNotices({
      ...{ clock: systemClock, logger },
      journal: file === undefined ? NoticeJournal.inMemory() : await NoticeJournal.open(file),
      sender: new NoticeSender(
        { isPrivateAllowed: callbacks?.isPrivateAllowed ?? (() => false) },
        callbacks?.timeoutMs ?? defaultTimeoutMs,
      ),
      formatOf: (to) => formats.get(to),
      most: callbacks?.maxPending ?? mostInMemory,
    });
    ofWebhooks.set(options, notices);
    notices.resume();
  });
  app.addHook("onClose", async () => {
    await noticesOf(options)?.close();
  });
  count(options);
}

function formatsOf({
  callbacks,
  hooks,
  logger,
}: ResolvedOptions): ReadonlyMap<Notice["to"], NoticeFormat> {
  const endsOf = ({ runs }: ControlPlane, auth: AuthMetadata | null): RunEnds =>
    new RunEnds({ runs, auth, logger, clock: systemClock });
  const formats = new Map<Notice["to"], NoticeFormat>();
  if (callbacks !== undefined) {
    const { controlPlane } = callbacks;
    const outputs = new SharedOutputs(controlPlane.runs);
    formats.set("callback", callbackFormat(callbacks, endsOf(controlPlane, null), outputs));
  }
  for (const { name, from, runAs } of hooks) {
    if (from.replyTo === undefined) continue;
    formats.set(`hook:${name}`, slackFormat(endsOf(runAs.controlPlane, runAs.auth)));
  }
  return formats;
}

function count(options: ResolvedOptions): void {
  const metrics = metricsOf(options);
  metrics.gauge(
    "flyte_webhook_callbacks_pending",
    "Callbacks and replies that wait for their runs or for their receivers.",
    () => noticesOf(options)?.pending ?? 0,
  );
  metrics.total(
    "flyte_webhook_callbacks_total",
    "Callbacks and replies that are over, by how they ended.",
    () =>
      Object.entries(noticesOf(options)?.counts.ends ?? {}).map(([end, value]) => ({
        labels: { end },
        value,
      })),
    ["end"],
  );
  metrics.total(
    "flyte_webhook_callback_retries_total",
    "Attempts of callbacks and replies that failed and were not the last.",
    () => noticesOf(options)?.counts.retries ?? 0,
  );
}
