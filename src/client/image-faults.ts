import { FaultLog } from "../values/fault-log.ts";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";
import { type ImageRule, imageRules } from "./image-rules.ts";

/** @throws FlyteError `invalid_input` naming every part that cannot be part of an image */
export function checkImage(image: ImageSpec): void {
  const log = new FaultLog();
  checkText(log, "baseImage", image.baseImage, imageRules.baseImage);
  for (const part of ["name", "registry", "pythonVersion", "user"] as const) {
    checkOptional(log, part, image[part], imageRules[part]);
  }
  if (image.platforms !== undefined) {
    checkList(log, "platforms", image.platforms, imageRules.platform);
  }
  log.at("layers", () => {
    for (const [index, layer] of image.layers.entries()) {
      log.at(index, () => checkLayer(log, layer));
    }
  });
  log.throwIfAny();
}

function checkLayer(log: FaultLog, layer: ImageLayer): void {
  switch (layer.kind) {
    case "apt":
      checkList(log, "packages", layer.packages, imageRules.aptPackage);
      break;
    case "pip":
      checkPip(log, layer);
      break;
    case "npm":
      checkList(log, "packages", layer.packages, imageRules.npmPackage);
      checkOptional(log, "registry", layer.registry, imageRules.indexUrl);
      break;
    case "copy":
      if (layer.type !== "file" && layer.type !== "folder")
        log.add("is not file or folder", "type");
      checkText(log, "source", layer.source, imageRules.source);
      checkText(log, "destination", layer.destination, imageRules.destination);
      break;
    case "commands":
      checkList(log, "commands", layer.commands, imageRules.command);
      break;
    case "env":
      log.at("env", () => checkEnv(log, layer.env));
      break;
    case "workdir":
      checkText(log, "path", layer.path, imageRules.workdir);
      break;
    default:
      // Callers without types can give anything.
      log.add("is no layer; its kind is apt, pip, npm, copy, commands, env or workdir", "kind");
  }
}

function checkPip(log: FaultLog, layer: Extract<ImageLayer, { kind: "pip" }>): void {
  checkList(log, "packages", layer.packages, imageRules.requirement);
  checkOptional(log, "indexUrl", layer.indexUrl, imageRules.indexUrl);
  checkOptional(log, "extraArgs", layer.extraArgs, imageRules.extraArgs);
  if (layer.extraIndexUrls !== undefined) {
    checkList(log, "extraIndexUrls", layer.extraIndexUrls, imageRules.indexUrl);
  }
}

function checkEnv(log: FaultLog, env: Readonly<Record<string, string>>): void {
  const entries = Object.entries(env);
  if (entries.length === 0) log.add("is empty; leave the layer out");
  for (const [name, value] of entries) {
    if (!imageRules.envName.holds(name)) log.add(imageRules.envName.message, name);
    checkText(log, name, value, imageRules.envValue);
  }
}

function checkList(log: FaultLog, key: string, texts: readonly string[], rule: ImageRule): void {
  log.at(key, () => {
    if (texts.length === 0) log.add("is empty; leave it out, or name at least one");
    for (const [index, text] of texts.entries()) checkText(log, index, text, rule);
  });
}

function checkOptional(
  log: FaultLog,
  key: string,
  text: string | undefined,
  rule: ImageRule,
): void {
  if (text !== undefined) checkText(log, key, text, rule);
}

function checkText(log: FaultLog, key: string | number, text: string, rule: ImageRule): void {
  if (typeof text !== "string" || !rule.holds(text)) log.add(rule.message, key);
}
