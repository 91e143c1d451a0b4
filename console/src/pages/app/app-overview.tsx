import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { needsCredential, toAddress, toCurl } from "../apps/app-address.ts";
import { AppAddress } from "../apps/app-address-link.tsx";
import { toReplicasText } from "../apps/replicas-text.ts";
import { AppLinks } from "./app-links.tsx";
import { toScalingWords } from "./scaling-words.ts";

/** How an app is reached, and how it scales. */
export function AppOverview({ app }: { readonly app: App }): VNode {
  const { status, spec, metadata } = app;
  return (
    <>
      <dl class="facts card">
        <Fact name="Replicas">{toReplicasText(app)}</Fact>
        <Fact name="Revision">{String(metadata?.revision ?? 0n)}</Fact>
        <Fact name="Deployed by">
          <Text max={100}>{toIdentityName(spec?.creator) ?? "–"}</Text>
        </Fact>
        <Fact name="Created">
          <Time at={status?.createdAt} />
        </Fact>
        <Fact name="Last change">
          <Time at={status?.lastUpdatedAt} />
        </Fact>
        <Fact name="Scaling" width="whole">
          {toScalingWords(app).join(" ")}
        </Fact>
      </dl>
      <Address app={app} />
      <AppLinks app={app} />
    </>
  );
}

function Address({ app }: { readonly app: App }): VNode {
  const address = toAddress(app);
  const curl = toCurl(app);
  if (address === undefined || curl === undefined) {
    return (
      <section class="card">
        <h2>Address</h2>
        <p class="muted">It has none while it is stopped.</p>
      </section>
    );
  }
  return (
    <section class="card">
      <h2>Address</h2>
      <div class="row">
        <AppAddress app={app} />
        <CopyButton text={address} what="the address" />
      </div>
      <p class="muted">
        {needsCredential(app)
          ? "Callers need an API key: the key of this page, for example."
          : "Anybody who reaches it may call it, without a credential."}
      </p>
      <CodeBlock text={curl} label="Call with curl" />
    </section>
  );
}
