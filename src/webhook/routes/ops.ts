import type { Answer } from "../answer-request.ts";
import type { Call } from "../call.ts";
import { prometheusOf } from "../metrics/metrics-of.ts";
import { holdsMetricsToken } from "../metrics/metrics-token.ts";
import { type ControlPlaneState, checkOf } from "../ready/control-plane-check.ts";
import { lifecycleOf } from "../ready/lifecycle.ts";

const details: Readonly<Record<Exclude<ControlPlaneState, "reachable">, string>> = {
  unreachable: "The control plane cannot be reached.",
  timeout: "The control plane does not answer in time.",
  failing:
    "The control plane answers with internal errors, or something else answers in its place.",
  anonymous: "The control plane serves calls without a credential.",
};

/** Tells whether requests should be sent here. */
export async function ready({ options }: Call): Promise<Answer> {
  const { state } = lifecycleOf(options);
  if (state !== "serving") return { status: 503, body: { status: state } };
  const found = await checkOf(options).state();
  if (lifecycleOf(options).state === "draining")
    return { status: 503, body: { status: "draining" } };
  if (found === "reachable") return { body: { status: "ready" } };
  return {
    status: 503,
    body: { status: "unready", control_plane: found, detail: details[found] },
  };
}

/** The metrics, to those who hold the token where there is one. */
export async function metrics(call: Call): Promise<Answer> {
  const { metricsToken } = call.options;
  if (
    metricsToken !== undefined &&
    !holdsMetricsToken(call.header("authorization"), metricsToken)
  ) {
    const detail = "The metrics need their own token, as Authorization: Bearer TOKEN.";
    return { problem: { code: "unauthenticated", detail } };
  }
  const printed = await prometheusOf(call.options)?.print();
  const headers = { "content-type": printed?.type ?? "text/plain" };
  return { stream: { status: 200, headers, body: Buffer.from(printed?.text ?? "") } };
}
