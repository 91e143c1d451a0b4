import type { VNode } from "preact";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Fact } from "../../ui/fact.tsx";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import type { WebhookInfo } from "../../webhook/answers.ts";
import { enablingOption } from "../../webhook/enabling-option.ts";

/** What the webhook serves, and what it does not. */
export function EndpointsTab({ info }: { readonly info: WebhookInfo }): VNode {
  return (
    <>
      <Settings info={info} />
      <section class="stack" aria-labelledby="webhook-on">
        <h2 id="webhook-on">Enabled</h2>
        {info.endpoints.length === 0 ? (
          <p class="muted">None.</p>
        ) : (
          <TableFrame label="Enabled endpoints">
            <table class="table endpoints" aria-labelledby="webhook-on">
              <thead>
                <tr>
                  <th scope="col">Endpoint</th>
                  <th scope="col">Method</th>
                  <th scope="col">Path</th>
                </tr>
              </thead>
              {[...byGroup(info.endpoints)].map(([group, endpoints]) => (
                <tbody key={group}>
                  <tr class="group">
                    <th scope="rowgroup" colSpan={3}>
                      <Text max={60}>{group}</Text>
                    </th>
                  </tr>
                  {endpoints.map(({ name, method, path }) => (
                    <tr key={name}>
                      <td class="mono">
                        <Text max={120}>{name}</Text>
                      </td>
                      <td class="mono">
                        <Text max={20}>{method}</Text>
                      </td>
                      <td class="mono">
                        <Text max={300}>{path}</Text>
                      </td>
                    </tr>
                  ))}
                </tbody>
              ))}
            </table>
          </TableFrame>
        )}
        <p class="muted">
          The webhook describes each of them at <code>/docs</code> of its own address.
        </p>
      </section>
      {info.endpointsOff.length > 0 && <Off info={info} />}
    </>
  );
}

function Settings({ info }: { readonly info: WebhookInfo }): VNode {
  const { runScope, runOptions, idempotency } = info;
  return (
    <dl class="facts card">
      <Fact name="Runs are created in">
        {runScope === "task"
          ? "the project and domain of their task"
          : "the webhook's own project and domain"}
      </Fact>
      <Fact name="Callers may set of a run">
        {runOptions.length === 0 ? (
          "nothing"
        ) : (
          <span class="row">
            {runOptions.map((name) => (
              <span key={name} class="chip mono">
                <Text max={60}>{name}</Text>
              </span>
            ))}
          </span>
        )}
      </Fact>
      <Fact name="Repeated requests">
        {idempotency ? (
          <>
            with the same <code>Idempotency-Key</code> start one run
          </>
        ) : (
          "start a run each"
        )}
      </Fact>
      <Fact name="Audit log">{info.audit ? "is written" : "none is written"}</Fact>
    </dl>
  );
}

function Off({ info }: { readonly info: WebhookInfo }): VNode {
  return (
    <section class="stack" aria-labelledby="webhook-off">
      <div>
        <h2 id="webhook-off">Not enabled</h2>
        <p class="muted">
          Requests to these are answered 404. Each option keeps what is served now, and adds the
          group.
        </p>
      </div>
      <ul class="off">
        {[...byGroup(info.endpointsOff)].map(([group, endpoints]) => (
          <li key={group} class="card">
            <h3>
              <Text max={60}>{group}</Text>
            </h3>
            <p class="mono">
              <Text max={1_000}>{endpoints.map(({ name }) => name).join(", ")}</Text>
            </p>
            <CodeBlock text={enablingOption(info, group)} label={`Option for ${group}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function byGroup<E extends { readonly group: string }>(
  endpoints: readonly E[],
): ReadonlyMap<string, readonly E[]> {
  const groups = new Map<string, E[]>();
  for (const endpoint of endpoints) {
    groups.set(endpoint.group, [...(groups.get(endpoint.group) ?? []), endpoint]);
  }
  return groups;
}
