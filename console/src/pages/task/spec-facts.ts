import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  type Container,
  Resources_ResourceName,
  type TaskSpec,
} from "../../../../src/idl/tasks.ts";
import { toDurationText } from "../../text/durations.ts";

/** What a specification says of a task, in words; only what it says. */
export function specFacts(spec: TaskSpec | undefined): readonly (readonly [string, string])[] {
  const { taskTemplate: template, environment } = spec ?? {};
  const { metadata, target } = template ?? {};
  const container = target?.case === "container" ? target.value : undefined;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Environment", join(environment?.name, environment?.description)],
    ["Type", template?.type],
    ["Retries", metadata?.retries && String(metadata.retries.retries)],
    ["Timeout", metadata?.timeout && toDurationText(durationMs(metadata.timeout))],
    ["Cache", metadata && cacheWords(metadata)],
    ["Interruptible", interruptibleWords(metadata?.interruptibleValue)],
    ["Resources", container && resourceWords(container)],
    ["Image", container?.image],
    ["Secrets", template?.securityContext?.secrets.map(({ key }) => key).join(", ")],
    ["Source", spec?.documentation?.sourceCode?.link],
  ];
  return facts.flatMap(([name, text]) => (text === undefined || text === "" ? [] : [[name, text]]));
}

function join(name: string | undefined, words: string | undefined): string | undefined {
  return name !== undefined && words ? `${name}: ${words}` : name;
}

function cacheWords({
  discoverable,
  discoveryVersion,
  cacheSerializable,
}: {
  readonly discoverable: boolean;
  readonly discoveryVersion: string;
  readonly cacheSerializable: boolean;
}): string {
  if (!discoverable) return "Off";
  const version = discoveryVersion === "" ? "On" : `On, version ${discoveryVersion}`;
  return cacheSerializable ? `${version}, one run at a time` : version;
}

function interruptibleWords(
  value:
    | { readonly case: "interruptible"; readonly value: boolean }
    | { readonly case: undefined }
    | undefined,
): string | undefined {
  if (value?.case !== "interruptible") return undefined;
  return value.value ? "Yes" : "No";
}

const names: Readonly<Partial<Record<Resources_ResourceName, string>>> = {
  [Resources_ResourceName.CPU]: "CPU",
  [Resources_ResourceName.GPU]: "GPU",
  [Resources_ResourceName.MEMORY]: "memory",
  [Resources_ResourceName.STORAGE]: "storage",
  [Resources_ResourceName.EPHEMERAL_STORAGE]: "disk",
};

function resourceWords({ resources }: Container): string | undefined {
  const limits = new Map(resources?.limits.map(({ name, value }) => [name, value]));
  return resources?.requests
    .map(({ name, value }) => {
      const limit = limits.get(name);
      const most = limit === undefined || limit === value ? "" : ` to ${limit}`;
      return `${names[name] ?? "other"} ${value}${most}`;
    })
    .join(", ");
}
