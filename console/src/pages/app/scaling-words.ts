import { durationMs } from "@bufbuild/protobuf/wkt";
import type { App } from "../../../../src/idl/apps.ts";
import { toDurationText } from "../../text/durations.ts";
import { toBounds } from "../apps/replicas-text.ts";

/** How an app scales, one sentence for each rule that it sets. */
export function toScalingWords(app: App): readonly string[] {
  const { scaledownPeriod, scalingMetric } = app.spec?.autoscaling ?? {};
  return [boundsWords(), metricWords(), scaledownWords()].filter((text) => text !== "");

  function boundsWords(): string {
    const { min, max } = toBounds(app);
    if (min === max) return `Always ${count(max)}.`;
    return min === 0
      ? `From none to ${count(max)}: without requests it sleeps.`
      : `From ${min} to ${count(max)}.`;
  }

  function metricWords(): string {
    const { metric } = scalingMetric ?? {};
    if (metric?.case === "concurrency") {
      return `A replica is meant for ${metric.value.targetValue} requests at a time.`;
    }
    if (metric?.case === "requestRate") {
      return `A replica is meant for ${metric.value.targetValue} requests a second.`;
    }
    return "";
  }

  function scaledownWords(): string {
    if (scaledownPeriod === undefined) return "";
    return `Replicas end after ${toDurationText(durationMs(scaledownPeriod))} with less to do.`;
  }
}

function count(replicas: number): string {
  return replicas === 1 ? "1 replica" : `${replicas} replicas`;
}
