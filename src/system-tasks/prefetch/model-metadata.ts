import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../../shared/json.ts";
import type { Model } from "./list-model.ts";

/** What the caller says about the model; an empty text says nothing. */
export interface GivenMetadata {
  readonly artifact_name: string;
  readonly architecture: string;
  readonly task: string;
  readonly modality: readonly string[];
  readonly serial_format: string;
  readonly model_type: string;
  readonly short_description: string;
}

/** What is told of a stored model. Null stands for what nobody knows. */
export type ModelMetadata = JsonObject;

/** What the caller says about a model, else what its files and its page do. */
export async function toModelMetadata(
  model: Model,
  folder: string,
  given: GivenMetadata,
): Promise<ModelMetadata> {
  const config = await readConfig(join(folder, "config.json"));
  const sizes = model.files.map(({ size }) => size);
  return {
    artifact_name: given.artifact_name || model.repo.split("/").at(-1) || model.repo,
    source_repo: model.repo,
    source_commit: model.commit,
    framework: model.library ?? null,
    architecture: given.architecture || firstText(config["architectures"]) || null,
    model_type: given.model_type || firstText([config["model_type"] ?? null]) || null,
    task: given.task === "auto" || given.task === "" ? (model.task ?? "auto") : given.task,
    modality: [...given.modality],
    serial_format:
      given.serial_format || toSerialFormat(model.files.map(({ path }) => path)) || null,
    short_description: given.short_description || describe(model),
    license: firstText([model.card["license"] ?? null]) || null,
    files: model.files.length,
    size_bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

const longestConfig = 4 * 1024 * 1024;

async function readConfig(path: string): Promise<JsonObject> {
  try {
    if ((await stat(path)).size > longestConfig) return {};
    const config = JSON.parse(await readFile(path, "utf8")) as JsonValue;
    return isJsonObject(config) ? config : {};
  } catch {
    // Many a model has none, and one that cannot be read says nothing.
    return {};
  }
}

function firstText(value: JsonValue | undefined): string | undefined {
  const first = isJsonArray(value) ? value[0] : undefined;
  return typeof first === "string" && first !== "" ? first.slice(0, 200) : undefined;
}

const formats: readonly (readonly [format: string, pattern: RegExp])[] = [
  ["safetensors", /\.safetensors$/i],
  ["gguf", /\.gguf$/i],
  ["onnx", /\.onnx$/i],
  ["pytorch", /(?:^|\/)(?:pytorch_model|model|consolidated)[^/]*\.(?:bin|pt|pth)$/i],
  ["tensorflow", /(?:\.h5|(?:^|\/)saved_model\.pb)$/i],
  ["flax", /\.msgpack$/i],
  ["pytorch", /\.(?:bin|pt|pth)$/i],
];

/** The format of the weights, by the names of the files; the safest one where there are several. */
export function toSerialFormat(paths: readonly string[]): string | undefined {
  return formats.find(([, pattern]) => paths.some((path) => pattern.test(path)))?.[0];
}

function describe({ repo, library, task }: Model): string {
  const what = task === undefined ? "Model" : `Model for ${task}`;
  const by = library === undefined ? "" : `, made with ${library}`;
  return `${what} from ${repo}${by}.`;
}
