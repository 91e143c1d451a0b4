import { type Fault, invalidInput } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject } from "../../shared/json.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { type Call, givenText, resolvedScope } from "../call.ts";
import type { Endpoint } from "../endpoint.ts";
import { runTaskEndpoint } from "../endpoints/task.ts";
import { endpoints } from "../endpoints.ts";
import { parameterNames } from "../path-parameters.ts";
import { readParameters } from "../read-parameters.ts";
import { newRecord } from "../record/request-record.ts";

/** The endpoint of a question. @throws FlyteError `invalid_input` naming the nearest one */
export function askedEndpoint(call: Call): Endpoint {
  const name = givenText(call, "endpoint") ?? "";
  const found = endpoints.find((endpoint) => endpoint.name === name);
  if (found !== undefined) return found;
  const names = endpoints.map((endpoint) => endpoint.name);
  const meant = nearestName(name, names);
  const remedy =
    meant === undefined ? `there are: ${names.join(", ")}, hook:NAME` : `did you mean ${meant}?`;
  throw invalidInput([{ path: ["endpoint"], message: `is no endpoint; ${remedy}` }]);
}

/**
 * The request that is asked about, as the guards of its endpoint would see it: the same caller, and a record of its own.
 *
 * @throws FlyteError `invalid_input` naming every part of the path that is missing, and every fault of `parameters`
 */
export function toAskedCall(call: Call, asked: Endpoint): Call {
  // Each item of a batch is decided as run_task decides it.
  const isItem = asked.name === "run_tasks" && givenText(call, "name") !== undefined;
  const endpoint = isItem ? runTaskEndpoint : asked;
  const faults: Fault[] = [];
  const path = readPath(call, endpoint, faults);
  const { options, controlPlane, auth, requestId, traceId, slot } = call;
  const parameters = readOwn(call, endpoint, faults);
  if (faults.length > 0) throw invalidInput(faults);
  return {
    ...{ options, controlPlane, auth, requestId, traceId, slot, endpoint, path, parameters },
    body: undefined,
    header: () => undefined,
    record: { ...newRecord(), endpoint: endpoint.name },
    get signal() {
      return call.signal;
    },
  };
}

/** Parts of paths that no guard looks at. */
const unguarded: ReadonlySet<string> = new Set(["condition", "request_id"]);

function readPath(
  call: Call,
  { name, path, fence }: Endpoint,
  faults: Fault[],
): Readonly<Record<string, string>> {
  const scope: Readonly<Record<string, string | undefined>> =
    fence === "task" ? { ...resolvedScope(call) } : {};
  const values = parameterNames(path).map((part): [string, string] => {
    if (unguarded.has(part)) return [part, "-"];
    const given = part === "run_name" ? "name" : part;
    const value = givenText(call, given) ?? scope[given];
    if (value !== undefined && value !== "") return [part, value];
    faults.push({ path: [given], message: `is required for ${name}` });
    return [part, ""];
  });
  return Object.fromEntries(values);
}

/** The endpoint's own parameters, those that are required left open. */
function readOwn(call: Call, { body: _, ...endpoint }: Endpoint, faults: Fault[]): JsonParameters {
  const given = call.parameters["parameters"] ?? {};
  if (!isJsonObject(given)) {
    faults.push({ path: ["parameters"], message: "must be an object" });
    return {};
  }
  const parameters = endpoint.parameters.map(({ required: __, ...open }) => open);
  const reading = readParameters({ ...endpoint, parameters }, {}, withScope(call, given));
  faults.push(
    ...reading.faults.map(({ path, message }) => ({
      path: ["parameters", ...path.slice(1)],
      message,
    })),
  );
  return reading.values;

  function withScope(asking: Call, own: JsonObject): JsonObject {
    const names = ["project", "domain"].filter((name) =>
      parameters.some((parameter) => parameter.name === name),
    );
    const scope = names.flatMap((name) => {
      const value = givenText(asking, name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return { ...Object.fromEntries(scope), ...own };
  }
}

type JsonParameters = Call["parameters"];
