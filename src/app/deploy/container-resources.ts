import type { AppContainer, AppResources } from "../../client/app-spec.ts";
import type { Amount, Resources } from "../environment/resources.ts";

/** The accelerators of clusters, by the names that people use. Any other name is passed on. */
const devices: Readonly<Record<string, string>> = {
  A10: "nvidia-a10",
  A10G: "nvidia-a10g",
  A100: "nvidia-tesla-a100",
  "A100 80G": "nvidia-tesla-a100-80gb",
  B200: "nvidia-b200",
  H100: "nvidia-h100",
  H200: "nvidia-h200",
  L4: "nvidia-l4",
  L40s: "nvidia-l40s",
  T4: "nvidia-tesla-t4",
  V100: "nvidia-tesla-v100",
};

/** What a container asks for: an amount without a limit is a request, and GPUs are always both. */
export function toContainerResources(
  resources: Resources | undefined,
): Pick<AppContainer, "requests" | "limits" | "gpuDevice"> {
  if (resources === undefined) return { requests: {}, limits: {} };
  const { cpu, memory, disk } = resources;
  const { count, device } = readGpu(resources.gpu);
  const gpu = count === undefined ? {} : { gpu: count };
  const requests: AppResources = {
    ...part("cpu", requestOf(cpu)),
    ...part("memory", requestOf(memory)),
    ...gpu,
    ...part("disk", disk),
  };
  const limits: AppResources = {
    ...part("cpu", limitOf(cpu)),
    ...part("memory", limitOf(memory)),
    ...gpu,
  };
  return { requests, limits, ...(device !== undefined && { gpuDevice: device }) };
}

function part(name: keyof AppResources, amount: number | string | undefined): AppResources {
  return amount === undefined ? {} : { [name]: String(amount) };
}

function requestOf(amount: Amount<number | string> | undefined): number | string | undefined {
  return isPair(amount) ? amount[0] : amount;
}

function limitOf(amount: Amount<number | string> | undefined): number | string | undefined {
  return isPair(amount) ? amount[1] : undefined;
}

function isPair<Value>(amount: Value | readonly [Value, Value]): amount is readonly [Value, Value] {
  return Array.isArray(amount);
}

/** A number of any kind, or a kind with or without a number. */
function readGpu(gpu: Resources["gpu"]): { readonly count?: string; readonly device?: string } {
  if (gpu === undefined) return {};
  if (typeof gpu === "number") return { count: String(gpu) };
  const [kind = "", count = "1"] = gpu.split(":");
  return { count, device: devices[kind] ?? kind };
}
