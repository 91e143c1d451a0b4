import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** What of the package's entry a code bundle may need, from the least to all but the webhook itself. */
const parts = {
  "flyte-webhook-apps":
    /^\.\/(?:app\/(?!image\/)|shared\/|client\/(?:auth-metadata|init-current)|webhook\/problem-document)/,
  "flyte-webhook-client": /^\.\/(?:app|client|shared|values)\/|^\.\/webhook\/problem-document/,
};

/** Plugin of esbuild: entry points that are parts of `src/index.ts`, which cost less to load. */
export const entryParts = {
  name: "entry-parts",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^flyte-webhook-(?:apps|client)$/ }, ({ path }) => ({
      path,
      namespace: "entry-parts",
    }));
    onLoad({ filter: /./, namespace: "entry-parts" }, async ({ path }) => {
      const entry = fileURLToPath(new URL("../src/index.ts", import.meta.url));
      const statements = (await readFile(entry, "utf8")).match(/^(?:import|export)\b[^;]*;$/gm);
      const kept = statements.filter((statement) => {
        const [, from = "./client/remote"] = /from "([^"]+)";$/.exec(statement) ?? [];
        return parts[path].test(from);
      });
      return { loader: "ts", resolveDir: dirname(entry), contents: kept.join("\n") };
    });
  },
};

/** Plugin of esbuild: bundles have of undici what is used. */
export const leanUndici = {
  name: "lean-undici",
  setup({ onResolve }) {
    onResolve({ filter: /^undici$/ }, () => ({
      path: fileURLToPath(new URL("./undici.js", import.meta.url)),
    }));
  },
};

/** Descriptors of what annotates the IDL: rules for validators and gateways, which nothing here reads. */
const annotations = /^file_(?:buf_validate|google_api|protoc_gen_openapiv2)/;

/**
 * Plugin of esbuild: the IDL without its annotations, whose descriptors are larger than all others
 * together and are taken in by each file anew.
 */
export const leanIdl = {
  name: "lean-idl",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]flyteidl2[\\/].*_pb\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      contents: toLeanIdl(await readFile(path, "utf8")),
    }));
  },
};

/** Plugin of Vite: the same for the console. */
export const leanIdlInBrowsers = {
  name: "lean-idl",
  transform: {
    filter: { id: /[\\/]flyteidl2[\\/].*_pb\.ts$/ },
    order: "pre",
    handler: (code) => toLeanIdl(code),
  },
};

/** @param source TypeScript as the generator wrote it */
function toLeanIdl(source) {
  return source.replace(/fileDesc\("([^"]+)"(?:, \[([^\]]*)\])?\)/, (_, descriptor, names = "") => {
    const kept = names.split(/,\s*/).filter((name) => name !== "" && !annotations.test(name));
    return `fileDesc("${withoutAnnotations(descriptor)}", [${kept.join(", ")}])`;
  });
}

/** @param text a file's descriptor in base64 */
function withoutAnnotations(text) {
  const file = fromBinary(FileDescriptorProtoSchema, Buffer.from(text, "base64"));
  clean([file]);
  file.messageType.forEach(cleanMessage);
  file.enumType.forEach(cleanEnum);
  for (const service of file.service) clean([service, ...service.method]);
  return Buffer.from(toBinary(FileDescriptorProtoSchema, file)).toString("base64");
}

function cleanMessage(message) {
  clean([message, ...message.field, ...message.oneofDecl]);
  message.enumType.forEach(cleanEnum);
  message.nestedType.forEach(cleanMessage);
}

function cleanEnum(type) {
  clean([type, ...type.value]);
}

/** Annotations are extensions of the options, which are kept as unknown fields. */
function clean(descriptors) {
  for (const { options } of descriptors) if (options !== undefined) delete options.$unknown;
}
