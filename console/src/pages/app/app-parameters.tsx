import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { appPath, type Scope } from "../../scope.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { hiddenValue, isSecretName } from "./mask-arguments.ts";

type Input = NonNullable<NonNullable<App["spec"]>["inputs"]>["items"][number];

/** What an app gets when it starts; nothing where it takes nothing. */
export function AppParameters({
  scope,
  app,
}: {
  readonly scope: Scope;
  readonly app: App;
}): VNode | null {
  const inputs = app.spec?.inputs?.items ?? [];
  if (inputs.length === 0) return null;
  return (
    <section class="card">
      <h2>Parameters</h2>
      <TableFrame label="Table of parameters">
        <table class="table" aria-label="Parameters">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {inputs.map((input, index) => (
              <tr key={index}>
                <th scope="row">
                  <Text max={200}>{input.name}</Text>
                </th>
                <td>
                  <InputValue scope={scope} input={input} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

function InputValue({ scope, input }: { readonly scope: Scope; readonly input: Input }): VNode {
  const { name, value } = input;
  switch (value.case) {
    case "stringValue":
      return <Text max={2_000}>{isSecretName(name) ? hiddenValue : value.value}</Text>;
    case "appId": {
      const { name: other, project, domain } = value.value;
      const at = { project: project || scope.project, domain: domain || scope.domain };
      return (
        <>
          the address of <a href={appPath(at, other)}>{<Text max={100}>{other}</Text>}</a>
        </>
      );
    }
    default:
      return <span class="muted">an artifact</span>;
  }
}
