import type { Spec } from "../../idl/apps.ts";
import type { Fault } from "../../shared/errors.ts";

type Container = Extract<Spec["appPayload"], { case: "container" }>["value"];

/** What the system takes of one argument or variable, the closing NUL included. */
const maxTextBytes = 128 * 1024 - 1;
const maxPort = 65_535;

/** Why a container cannot be run as a process; paths begin at the specification. */
export function containerFaults(container: Container): readonly Fault[] {
  const { command, args } = container;
  const faults = [...textFaults("command", command), ...textFaults("args", args)];
  if (command.length + args.length === 0) {
    faults.push({
      path: [],
      message: "the devbox has no images and runs the command and args; give at least one",
    });
  } else if ((command[0] ?? args[0]) === "") {
    faults.push({ path: [], message: "the program, first of command and args, must not be empty" });
  }
  faults.push(...variableFaults(container), ...portFaults(container));
  return faults.map(({ path, message }) => ({ path: ["container", ...path], message }));
}

function textFaults(name: string, texts: readonly string[]): Fault[] {
  return texts.flatMap((text, index) => {
    const message = textFault(text);
    return message === undefined ? [] : [{ path: [name, index], message }];
  });
}

function textFault(text: string): string | undefined {
  if (text.includes("\0")) return "must not have a NUL character";
  return Buffer.byteLength(text) > maxTextBytes
    ? `must have at most ${maxTextBytes} bytes`
    : undefined;
}

function variableFaults({ env }: Container): readonly Fault[] {
  return env.flatMap(({ key, value }, index) => {
    if (key === "" || /[=\p{Cc}]/u.test(key)) {
      const message = "a variable's name must not be empty or have `=` or control characters";
      return [{ path: ["env", index], message }];
    }
    const message = textFault(`${key}=${value}`);
    return message === undefined ? [] : [{ path: ["env", index], message }];
  });
}

function portFaults({ ports }: Container): readonly Fault[] {
  if (ports.length > 1) return [{ path: ["ports"], message: "an app has one port" }];
  return ports.flatMap(({ containerPort }, index) =>
    containerPort >= 1 && containerPort <= maxPort
      ? []
      : [{ path: ["ports", index], message: `container_port must be between 1 and ${maxPort}` }],
  );
}
