import { connect } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, print, printJson } from "../output.ts";

/** `flyte-webhook abort`: asks the control plane to stop a run and shows the state read back. */
export async function abort(
  name: string,
  options: ConnectionOptions & { readonly reason: string },
): Promise<void> {
  await using controlPlane = await connect(options);
  const { phase, url } = await controlPlane.runs.abort({ name }, options.reason);
  if (options.json === true) return printJson({ name, phase, url });
  print(
    fields([
      ["run", name],
      ["phase", phase],
      ["url", url],
    ]),
  );
}
