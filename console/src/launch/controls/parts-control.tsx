import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { toBase64 } from "../../../../src/values/byte-texts.ts";
import { Text } from "../../ui/text.tsx";
import type { Shape } from "../shape.ts";
import type { ControlProps } from "./control-props.ts";
import { useFaultProps } from "./faults.tsx";

interface Part {
  readonly name: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly isLong?: boolean;
}

const address = { name: "uri", label: "Address", placeholder: "s3://bucket/key" };
const hash = { name: "hash", label: "Hash (optional)" };

const parts: Readonly<Partial<Record<Shape["kind"], readonly Part[]>>> = {
  binary: [
    { name: "base64", label: "Base64", isLong: true },
    { name: "tag", label: "Tag (optional)" },
  ],
  error: [
    { name: "message", label: "Message", isLong: true },
    { name: "failed_node_id", label: "Failed node (optional)" },
  ],
  blob: [address, { name: "format", label: "Format" }, hash],
  dataset: [address, { name: "format", label: "Format" }, hash],
  schema: [address, hash],
};

/** A value of several texts. The first has the place of the whole. */
export function PartsControl(props: ControlProps<"parts">): VNode {
  const { shape, draft, place, label, onChange } = props;
  const faults = useFaultProps(place);
  const set = (name: string, text: string): void =>
    onChange({ kind: "parts", parts: { ...draft.parts, [name]: text } });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid.
    <div class="parts" role="group" aria-label={label}>
      {(parts[shape.kind] ?? []).map(({ name, label: part, placeholder, isLong }, index) => {
        const id = index === 0 ? place : `${place}-${name}`;
        const common = {
          id,
          "aria-label": `${part} of ${label}`,
          placeholder,
          value: draft.parts[name] ?? "",
          spellcheck: false,
          autocomplete: "off",
          ...(index === 0 && faults),
          onInput: (event: { readonly currentTarget: { readonly value: string } }) =>
            set(name, event.currentTarget.value),
        };
        return (
          <div key={name} class={index === 0 ? "part part-first" : "part"}>
            <label class="muted" for={id}>
              {part}
            </label>
            {isLong ? (
              <textarea {...common} class="grows" rows={1} />
            ) : (
              <input {...common} type="text" />
            )}
          </div>
        );
      })}
      {shape.kind === "binary" && <FilePart {...props} onBytes={(text) => set("base64", text)} />}
      {shape.kind === "blob" && (
        <p class="muted hint">{shape.isFolder ? "A folder (MULTIPART)." : "One file (SINGLE)."}</p>
      )}
    </div>
  );
}

/** More in one value is a matter for a file in storage. */
const maxBytes = 10 * 1024 * 1024;

function FilePart({
  place,
  label,
  onBytes,
}: ControlProps<"parts"> & { readonly onBytes: (base64: string) => void }): VNode {
  const [said, setSaid] = useState("");
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    if (file.size > maxBytes) return setSaid("The file is larger than 10 MB. Put it into storage.");
    onBytes(toBase64(new Uint8Array(await file.arrayBuffer())));
    setSaid(`${file.name}: ${file.size.toLocaleString()} bytes`);
  };
  return (
    <div class="part">
      <label class="muted" for={`${place}-file`}>
        or from a file
      </label>
      <input
        id={`${place}-file`}
        type="file"
        aria-label={`File for ${label}`}
        onChange={({ currentTarget: { files } }) => void read(files?.[0])}
      />
      <span role="status" class="muted">
        <Text max={200}>{said}</Text>
      </span>
    </div>
  );
}
