import type { VNode } from "preact";
import { toWebAddress } from "../text/web-address.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { LongText } from "../ui/long-text.tsx";
import { OuterLink } from "../ui/outer-link.tsx";
import { Text } from "../ui/text.tsx";
import { TimeValue } from "./time-value.tsx";
import { sizeOfBase64, type ValueKind } from "./value-kind.ts";

/** All but lists and records. */
export type SingleKind = Exclude<ValueKind, { kind: "list" | "record" }>;

/** A value that holds no others. */
export function SingleValue({
  kind,
  depth,
}: {
  readonly kind: SingleKind;
  readonly depth: number;
}): VNode {
  switch (kind.kind) {
    case "nothing":
      return <span class="muted">None</span>;
    case "boolean":
      return <span class="mono">{String(kind.value)}</span>;
    case "number":
      return (
        <span class="mono value-text">
          <LongText max={200}>{kind.text}</LongText>
        </span>
      );
    case "choice":
      return (
        <span class="chip">
          <Text max={200}>{kind.text}</Text>
        </span>
      );
    case "datetime":
    case "duration":
      return <TimeValue kind={kind} />;
    case "text":
      if (kind.text === "") return <span class="muted">empty text</span>;
      return (
        <span class="value-text">
          <LongText max={depth === 0 ? 1_000 : 300}>{kind.text}</LongText>
        </span>
      );
    case "reference":
      return <ReferenceValue kind={kind} />;
    case "bytes":
      return (
        <span class="row">
          <span>
            {sizeOfBase64(kind.base64).toLocaleString()} bytes
            {kind.what !== "" && (
              <span class="muted">
                {" "}
                · <Text max={200}>{kind.what}</Text>
              </span>
            )}
          </span>
          <CopyButton text={kind.base64} what="the bytes">
            Copy base64
          </CopyButton>
        </span>
      );
    case "error":
      return (
        <div class="notice notice-error value-text">
          <LongText>{kind.message}</LongText>
          {kind.node !== "" && (
            <p class="muted">
              at <Text max={200}>{kind.node}</Text>
            </p>
          )}
        </div>
      );
  }
}

function ReferenceValue({ kind }: { readonly kind: SingleKind & { kind: "reference" } }): VNode {
  const { uri, what, format, hash } = kind;
  const address = toWebAddress(uri);
  const facts = [
    what,
    ...(format === "" ? [] : [format]),
    ...(hash === "" ? [] : [`hash ${hash}`]),
  ];
  return (
    <span class="row">
      <span class="mono value-text">
        {address === undefined ? (
          <LongText max={400}>{uri}</LongText>
        ) : (
          <OuterLink href={address}>{uri}</OuterLink>
        )}
      </span>
      <CopyButton text={uri} what="the address">
        Copy address
      </CopyButton>
      <span class="muted">
        <Text max={300}>{facts.join(" · ")}</Text>
      </span>
    </span>
  );
}
