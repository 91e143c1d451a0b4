import { durationMs } from "@bufbuild/protobuf/wkt";
import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { readCodeBundleUri, readSourceLink } from "../../../../src/values/app-fields.ts";
import type { Scope } from "../../scope.ts";
import { toDurationText } from "../../text/durations.ts";
import { Fact } from "../../ui/fact.tsx";
import { Text } from "../../ui/text.tsx";
import { AppContainer } from "./app-container.tsx";
import { AppParameters } from "./app-parameters.tsx";

/** What an app asks for: what runs, with what, and where it comes from. */
export function AppSpecification({
  scope,
  app,
}: {
  readonly scope: Scope;
  readonly app: App;
}): VNode {
  const { spec, metadata } = app;
  const { appPayload, timeouts, runtimeMetadata, profile, clusterPool = "" } = spec ?? {};
  const timeout = timeouts?.requestTimeout;
  const { flavor = "", version = "" } = runtimeMetadata ?? {};
  const facts: readonly (readonly [name: string, text: string | undefined])[] = [
    ["Type", profile?.type],
    ["Written with", [flavor, version].filter(Boolean).join(" ")],
    ["Longest request", timeout && toDurationText(durationMs(timeout))],
    ["Cluster pool", clusterPool],
    ["Code", metadata && readCodeBundleUri(metadata)],
    ["Sources", metadata && readSourceLink(metadata)],
  ];
  const labels = Object.entries(metadata?.labels ?? {});
  return (
    <>
      {appPayload?.case === "container" && (
        <AppContainer container={appPayload.value} secrets={spec?.securityContext?.secrets ?? []} />
      )}
      {appPayload?.case === "pod" && (
        <p>It is a pod of a cluster: its template is shown by Flyte's own tools.</p>
      )}
      <AppParameters scope={scope} app={app} />
      <section class="card">
        <h2>More</h2>
        <dl class="facts">
          {facts.map(
            ([name, text]) =>
              text !== undefined &&
              text !== "" && (
                <Fact key={name} name={name}>
                  <Text max={500}>{text}</Text>
                </Fact>
              ),
          )}
          {labels.length > 0 && (
            <div>
              <dt>Labels</dt>
              <dd class="row">
                {labels.map(([name, value]) => (
                  <span key={name} class="chip">
                    <Text max={200}>{`${name}: ${value}`}</Text>
                  </span>
                ))}
              </dd>
            </div>
          )}
        </dl>
      </section>
    </>
  );
}
