import { clone, create } from "@bufbuild/protobuf";
import {
  CacheConfigSchema,
  CacheLookupScope,
  EnvsSchema,
  LabelsSchema,
  type RunSpec,
  RunSpecSchema,
} from "../../../../src/idl/runs.ts";
import type { Fault } from "../../../../src/shared/errors.ts";
import { isJsonObject, type JsonValue } from "../../../../src/shared/json.ts";
import { FaultLog } from "../../../../src/values/fault-log.ts";
import { identifierFault } from "../../../../src/values/identifiers.ts";
import {
  envRules,
  labelRules,
  type TextMapRules,
} from "../../../../src/values/run-option-rules.ts";
import type { Draft } from "../../launch/draft.ts";
import { toJson } from "../../launch/draft-to-json.ts";
import { draftOrJson } from "../../launch/json-to-draft.ts";
import type { Shape } from "../../launch/shape.ts";

/** The options of a run, as they are entered. */
export interface OptionDrafts {
  readonly name: string;
  readonly labels: Draft;
  readonly env: Draft;
  readonly queue: string;
  readonly overwriteCache: boolean;
  /** Empty leaves it to the task. */
  readonly interruptible: "" | "yes" | "no";
}

export const textMap: Shape = { kind: "map", item: { kind: "string" } };

/** The options before anything is entered: those of the earlier run, or none. */
export function firstOptions(base: RunSpec | undefined): OptionDrafts {
  const envs = (base?.envs?.values ?? []).map(({ key, value }) => [key, value] as const);
  const { interruptible } = base ?? {};
  return {
    name: "",
    labels: draftOrJson({ ...base?.labels?.values }, textMap),
    env: draftOrJson(Object.fromEntries(envs), textMap),
    queue: base?.cluster ?? "",
    overwriteCache: base?.cacheConfig?.overwriteCache ?? base?.overwriteCache ?? false,
    interruptible: interruptible === undefined ? "" : interruptible ? "yes" : "no",
  };
}

/** The options as a run takes them. */
export interface ReadOptions {
  /** Undefined for one that is made up. */
  readonly name: string | undefined;
  readonly runSpec: RunSpec;
  /** What is wrong, by the name of the option. */
  readonly faults: readonly Fault[];
}

/** @param base - what an earlier run said, which the options are laid over */
export function readOptions(drafts: OptionDrafts, base: RunSpec | undefined): ReadOptions {
  const log = new FaultLog();
  const name = drafts.name.trim();
  const nameFault = name === "" ? undefined : identifierFault("run name", name);
  if (nameFault !== undefined) log.add(nameFault, "name");
  const labels = readTexts("labels", drafts.labels, labelRules, log);
  const env = readTexts("env", drafts.env, envRules, log);
  return {
    name: name === "" ? undefined : name,
    runSpec: toRunSpec(drafts, { labels, env }, base),
    faults: log.faults,
  };
}

type Texts = readonly (readonly [string, string])[];

function toRunSpec(
  { queue, overwriteCache, interruptible }: OptionDrafts,
  { labels, env }: { readonly labels: Texts; readonly env: Texts },
  base: RunSpec | undefined,
): RunSpec {
  const spec = base === undefined ? create(RunSpecSchema) : clone(RunSpecSchema, base);
  spec.labels = create(LabelsSchema, { values: Object.fromEntries(labels) });
  spec.envs = create(EnvsSchema, { values: env.map(([key, value]) => ({ key, value })) });
  spec.cluster = queue.trim();
  spec.overwriteCache = overwriteCache;
  spec.cacheConfig = create(CacheConfigSchema, {
    cacheLookupScope: CacheLookupScope.GLOBAL,
    ...spec.cacheConfig,
    overwriteCache,
  });
  if (interruptible === "") delete spec.interruptible;
  else spec.interruptible = interruptible === "yes";
  return spec;
}

function readTexts(option: string, draft: Draft, rules: TextMapRules, log: FaultLog): Texts {
  const value: JsonValue = log.at(option, () => toJson(draft, textMap, log)) ?? {};
  if (!isJsonObject(value)) {
    log.add("must be an object of texts", option);
    return [];
  }
  return Object.entries(value).map(([key, text]) => {
    const isText = typeof text === "string";
    const message =
      rules.key(key) ?? (isText ? rules.value(text) : "must be a text, in quotation marks");
    if (message !== undefined) log.add(message, option, key);
    return [key, isText ? text : ""] as const;
  });
}
