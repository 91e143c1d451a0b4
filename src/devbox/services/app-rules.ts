import { durationMs } from "@bufbuild/protobuf/wkt";
import { type App, Spec_DesiredState, Spec_DesiredStateSchema } from "../../idl/apps.ts";
import { type Fault, FlyteError, invalidInput } from "../../shared/errors.ts";
import type { AppKey } from "../store/apps.ts";
import { containerFaults } from "./app-container-rules.ts";
import { domains, required } from "./scope.ts";

type Spec = NonNullable<App["spec"]>;

/** The most bytes of one app, about what a cluster keeps of one object. */
const maxAppBytes = 1024 * 1024;
const maxReplicas = 100;
const maxRequestTimeoutMs = 3_600_000;

/** One label of a host name. */
const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const hostName =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

const labelRule =
  "must consist of lower case letters, digits and hyphens, begin and end with a letter or digit, and have at most 63 characters";

/**
 * Checks what only a new app can break.
 *
 * @throws FlyteError `invalid_input` naming every fault
 */
export function checkAppKey({ domain, name }: AppKey): void {
  const faults: Fault[] = [];
  if (!domains.some((known) => known === domain)) {
    faults.push({
      path: ["app", "metadata", "id", "domain"],
      message: `must be one of ${domains.join(", ")}`,
    });
  }
  if (!dnsLabel.test(name))
    faults.push({ path: ["app", "metadata", "id", "name"], message: labelRule });
  if (faults.length > 0) throw invalidInput(faults);
}

/**
 * Checks that a specification can be run here.
 *
 * @throws FlyteError `invalid_input` naming every fault
 */
export function checkAppSpec(app: App, size: number): void {
  const spec = required(app.spec, "app.spec");
  if (size > maxAppBytes) {
    throw new FlyteError(
      "invalid_input",
      `app has ${size} bytes; at most ${maxAppBytes} can be stored`,
    );
  }
  const faults = [
    ...payloadFaults(spec),
    ...stateFaults(spec),
    ...scalingFaults(spec),
    ...ingressFaults(spec),
    ...timeoutFaults(spec),
  ].map(({ path, message }) => ({ path: ["app", "spec", ...path], message }));
  if (faults.length > 0) throw invalidInput(faults);
}

function payloadFaults({ appPayload }: Spec): readonly Fault[] {
  if (appPayload.case === "container") return containerFaults(appPayload.value);
  const given = appPayload.case === "pod" ? "runs containers only, not pods" : "runs containers";
  return [{ path: [], message: `the devbox ${given}; give app.spec.container with a command` }];
}

function stateFaults({ desiredState }: Spec): readonly Fault[] {
  if (desiredState in Spec_DesiredState) return [];
  const known = Spec_DesiredStateSchema.values.map(({ name }) => name).join(", ");
  return [{ path: ["desired_state"], message: `${desiredState} is not one of ${known}` }];
}

function scalingFaults({ autoscaling }: Spec): readonly Fault[] {
  const faults: Fault[] = [];
  const { replicas, scaledownPeriod, scalingMetric } = autoscaling ?? {};
  const path = ["autoscaling", "replicas"];
  if (replicas !== undefined && replicas.min > replicas.max) {
    faults.push({ path, message: `min ${replicas.min} is more than max ${replicas.max}` });
  }
  if (replicas !== undefined && replicas.max > maxReplicas) {
    faults.push({ path, message: `the devbox runs at most ${maxReplicas} replicas of an app` });
  }
  if (isNegative(scaledownPeriod)) {
    faults.push({ path: ["autoscaling", "scaledown_period"], message: "must not be negative" });
  }
  const metric = scalingMetric?.metric;
  if (metric?.case !== undefined && metric.value.targetValue < 1) {
    faults.push({
      path: ["autoscaling", "scaling_metric"],
      message: "target_value must be at least 1",
    });
  }
  return faults;
}

function ingressFaults({ ingress }: Spec): readonly Fault[] {
  const faults: Fault[] = [];
  const { subdomain = "", cname = "" } = ingress ?? {};
  if (subdomain !== "" && !dnsLabel.test(subdomain)) {
    faults.push({ path: ["ingress", "subdomain"], message: labelRule });
  }
  const path = ["ingress", "cname"];
  if (cname !== "" && !hostName.test(cname)) {
    const message =
      "must be a host name without scheme, port and path, for example app.example.com";
    faults.push({ path, message });
  } else if (/\.localhost$/i.test(cname)) {
    faults.push({ path, message: "must not be below localhost; give a subdomain" });
  }
  return faults;
}

/**
 * Checks that an app does not ask for an address that apps of another project or domain get. Callers
 * would send their credentials there as soon as no such app exists, or does not exist yet.
 *
 * @throws FlyteError `invalid_input`
 */
export function checkSubdomain(
  { spec }: App,
  key: Pick<AppKey, "project" | "domain">,
  projects: readonly string[],
): void {
  const subdomain = spec?.ingress?.subdomain ?? "";
  const scopes = projects.flatMap((project) => domains.map((domain) => ({ project, domain })));
  const own = scopeSuffix(key);
  const other = scopes.find(
    (scope) => subdomain.endsWith(scopeSuffix(scope)) && scopeSuffix(scope) !== own,
  );
  if (other === undefined || subdomain.endsWith(own)) return;
  const message = `is an address for apps of ${other.project}/${other.domain}; choose another`;
  throw invalidInput([{ path: ["app", "spec", "ingress", "subdomain"], message }]);
}

function scopeSuffix({ project, domain }: Pick<AppKey, "project" | "domain">): string {
  return `-${project}-${domain}`.toLowerCase();
}

function timeoutFaults({ timeouts }: Spec): readonly Fault[] {
  const timeout = timeouts?.requestTimeout;
  if (timeout === undefined) return [];
  if (!isNegative(timeout) && durationMs(timeout) <= maxRequestTimeoutMs) return [];
  return [{ path: ["timeouts", "request_timeout"], message: "must be between 0 and one hour" }];
}

function isNegative(
  duration: { readonly seconds: bigint; readonly nanos: number } | undefined,
): boolean {
  return duration !== undefined && (duration.seconds < 0n || duration.nanos < 0);
}
