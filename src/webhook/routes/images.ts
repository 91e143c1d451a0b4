import type { StartedRun } from "../../client/control-plane.ts";
import { Image } from "../../client/image.ts";
import type { ImagePlan, ImageSpec } from "../../client/image-calls.ts";
import { type ImageRule, imageRules } from "../../client/image-rules.ts";
import { type Fault, invalidInput } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import {
  acting,
  type Call,
  givenFlag,
  givenScope,
  givenText,
  givenTexts,
  reading,
} from "../call.ts";
import type { Problem } from "../problem.ts";
import { allow, deny } from "../record/decide.ts";
import { beginRun } from "../starting/begin-run.ts";
import type { Start } from "../starting/start.ts";

/** Starts the build of an image, unless it is there or needs none. */
export async function buildImage(call: Call): Promise<Answer> {
  const asked = checkAsked(call);
  const problem = guardParts(call, asked);
  if (problem !== undefined) return { problem };
  const image = toImage(asked, call);
  const { images } = call.controlPlane;
  if (asked.name !== undefined) call.record.target = `image ${asked.name}`;
  const start: Start<StartedRun | undefined> = {
    target: "image",
    payload: toPayload(asked, call),
    options: { ...acting(call), ...givenScope(call) },
    begin: async (options) => (await images.build(image, options)).run,
    plan: async (options) => {
      const plan = await images.plan(image, options);
      const { name, uri = null, existing } = plan;
      return {
        image: name,
        uri,
        build: isMissing(plan),
        existing_run: existing?.name ?? null,
      };
    },
  };
  return beginRun(call, start, (run) => ({
    image_build_run_url: run?.url ?? null,
    image_name: givenText(call, "name") ?? null,
    base_image: asked.base_image || "flyte-debian-base",
    pip_packages: givenTexts(call, "pip_packages") ?? null,
    apt_packages: givenTexts(call, "apt_packages") ?? null,
  }));
}

function isMissing({ uri, existing }: ImagePlan): boolean {
  return uri === undefined && existing === undefined;
}

/** Whether a request to build an image would start a run. */
export async function isBuildNeeded(call: Call): Promise<boolean> {
  const image = toImage(checkAsked(call), call);
  const options = { ...reading(call), ...givenScope(call) };
  return isMissing(await call.controlPlane.images.plan(image, options));
}

/**
 * Why a request to build an image is refused by the allowlist.
 *
 * @throws FlyteError `invalid_input` naming every parameter that cannot be part of an image
 */
export function guardImage(call: Call): Problem | undefined {
  return guardParts(call, checkAsked(call));
}

function checkAsked(call: Call): AskedImage {
  const asked = call.options.compat === "upstream" ? forgiven(readAsked(call)) : readAsked(call);
  const faults = findFaults(asked);
  if (faults.length > 0) throw invalidInput(faults);
  return asked;
}

function guardParts({ options, record }: Call, asked: AskedImage): Problem | undefined {
  const { base_image: base, pip_packages: pip, apt_packages: apt } = asked;
  const refused = options.refusedOfImage({ base, pip, apt });
  if (refused.length > 0) {
    deny(record, "buildAllowlist");
    const detail = refused.map((part) => `${part} is not in the allowlist`).join("; ");
    return { code: "not_allowlisted", detail };
  }
  allow(record, options.imagesListed ? "buildAllowlist" : "noAllowlist");
  return undefined;
}

/** What a repetition has to have in common with a request. */
function toPayload(asked: AskedImage, call: Call): JsonObject {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), pre: givenFlag(call, "pre") };
}

/** What a request says about the image, by the names of the parameters. */
interface AskedImage {
  readonly base_image: string | undefined;
  readonly python_version: string | undefined;
  readonly flyte_version: string | undefined;
  readonly name: string | undefined;
  readonly pip_packages: readonly string[];
  readonly apt_packages: readonly string[];
  readonly platform: readonly string[];
}

function readAsked(call: Call): AskedImage {
  return {
    base_image: givenText(call, "base_image"),
    python_version: givenText(call, "python_version"),
    flyte_version: givenText(call, "flyte_version"),
    name: givenText(call, "name"),
    pip_packages: givenTexts(call, "pip_packages") ?? [],
    apt_packages: givenTexts(call, "apt_packages") ?? [],
    platform: givenTexts(call, "platform") ?? [],
  };
}

/** The original drops what it does not understand, and takes an empty text for none. */
function forgiven(asked: AskedImage): AskedImage {
  const { base_image, python_version = "", flyte_version, name, platform } = asked;
  const version = python_version.split(".").slice(0, 2);
  return {
    ...asked,
    base_image: base_image || undefined,
    python_version: version.length < 2 ? undefined : version.join("."),
    flyte_version: base_image ? undefined : flyte_version || undefined,
    name: name || undefined,
    platform: platform.filter(imageRules.platform.holds),
  };
}

const rules: Readonly<Record<keyof AskedImage, ImageRule>> = {
  base_image: imageRules.baseImage,
  python_version: imageRules.pythonVersion,
  flyte_version: imageRules.flyteVersion,
  name: imageRules.name,
  pip_packages: imageRules.requirement,
  apt_packages: imageRules.aptPackage,
  platform: imageRules.platform,
};

/** Every parameter that cannot be part of an image. */
function findFaults(asked: AskedImage): readonly Fault[] {
  const faults: Fault[] = [];
  const check = (path: Fault["path"], text: string, { holds, message }: ImageRule): void => {
    if (!holds(text)) faults.push({ path, message });
  };
  for (const name of Object.keys(rules) as readonly (keyof AskedImage)[]) {
    const value = asked[name];
    if (typeof value === "string") check([name], value, rules[name]);
    else
      for (const [index, text] of (value ?? []).entries()) check([name, index], text, rules[name]);
  }
  if (asked.base_image !== undefined && asked.flyte_version !== undefined) {
    const message = "is that of the base image, when one is given; leave it out";
    faults.push({ path: ["flyte_version"], message });
  }
  return faults;
}

function toImage(asked: AskedImage, call: Call): ImageSpec {
  const { base_image, pip_packages, apt_packages } = asked;
  const options = {
    name: asked.name,
    pythonVersion: asked.python_version,
    ...(asked.platform.length > 0 && { platforms: asked.platform.filter(isPlatform) }),
  };
  let image =
    base_image === undefined
      ? Image.fromDebianBase({ ...options, flyteVersion: asked.flyte_version })
      : Image.fromBase(base_image, options);
  if (apt_packages.length > 0) image = image.withAptPackages(...apt_packages);
  const pre = givenFlag(call, "pre");
  if (pip_packages.length > 0) image = image.withPipPackages(...pip_packages, { pre });
  return image.spec;
}

function isPlatform(text: string): text is NonNullable<ImageSpec["platforms"]>[number] {
  return imageRules.platform.holds(text);
}
