import type { AppContainer, AppResources } from "../../client/app-spec.ts";
import type { Amount, Resources } from "../environment/resources.ts";

/**
 * The accelerators of clusters, by the names that people use, as Flyte's Python SDK has them. Any other
 * name is passed on.
 */
const devices: Readonly<Record<string, string>> = {
  A10: "nvidia-a10",
  A100: "nvidia-tesla-a100",
  A100G: "nvidia-a100g",
  "A100 80G": "nvidia-a100-80gb",
  A100_80G: "nvidia-a100-80gb",
  A10G: "nvidia-a10g",
  H100: "nvidia-tesla-h100",
  K80: "nvidia-tesla-k80",
  L4: "nvidia-l4",
  L40s: "nvidia-l40s",
  L4_VWS: "nvidia-l4-vws",
  M60: "nvidia-tesla-m60",
  P100: "nvidia-tesla-p100",
  P4: "nvidia-tesla-p4",
  "RTX PRO 6000": "nvidia-rtx-pro-6000",
  RTX_PRO_4500: "nvidia-rtx-pro-4500",
  RTX_PRO_6000: "nvidia-rtx-pro-6000",
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
