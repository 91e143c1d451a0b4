import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Addressed } from "../find-endpoints.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { addOpenApi } from "./add-open-api.ts";
import { readAsset } from "./assets.ts";
import { pagePolicy, redocInit, renderPage, swaggerInit } from "./pages.ts";

interface File {
  readonly path: string;
  readonly type: string;
  read(): Promise<Buffer>;
}

const script = "text/javascript; charset=utf-8";
const css = "text/css; charset=utf-8";

const files: readonly File[] = [
  { path: "docs/swagger-ui.css", type: css, read: () => readAsset("swagger-ui.css") },
  {
    path: "docs/swagger-ui-bundle.js",
    type: script,
    read: () => readAsset("swagger-ui-bundle.js"),
  },
  { path: "docs/init.js", type: script, read: async () => Buffer.from(swaggerInit) },
  { path: "redoc/redoc.standalone.js", type: script, read: () => readAsset("redoc.standalone.js") },
  { path: "redoc/init.js", type: script, read: async () => Buffer.from(redocInit) },
];

const pages = ["docs", "redoc"] as const;

/** Every address of the documentation; none when it is off. */
export function docsPages(docs: ResolvedOptions["docs"]): readonly Addressed[] {
  if (docs === "off") return [];
  const paths = ["openapi.json", ...pages, ...files.map(({ path }) => path)];
  return paths.map((path) => ({ method: "GET", path: `/${path}` }));
}

/** Computes a value on first use; a failure is not kept. */
function once<Value>(compute: () => Promise<Value>): () => Promise<Value> {
  let kept: Promise<Value> | undefined;
  return () => {
    kept ??= compute().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}

/** The file's address with its content in it, so that it can be cached for good. */
async function versioned(file: File, read: () => Promise<Buffer>): Promise<string> {
  const hash = createHash("sha256")
    .update(await read())
    .digest("hex");
  return `${file.path}?v=${hash.slice(0, 16)}`;
}

/**
 * Adds `/openapi.json`, `/docs` (Swagger UI) and `/redoc`, with all their files served from here.
 * Nothing is read or built before somebody asks for it.
 */
export function addDocs(app: FastifyInstance, options: ResolvedOptions): void {
  if (options.docs === "off") return;
  addOpenApi(app, options);
  const loaded = files.map((file) => ({ file, read: once(() => file.read()) }));
  for (const { file, read } of loaded) {
    app.get(`/${file.path}`, { config: { endpoint: "docs" } }, async (_request, reply) =>
      reply
        .header("content-type", file.type)
        .header("cache-control", `${audience(options)}, max-age=31536000, immutable`)
        .send(await read()),
    );
  }
  for (const page of pages) {
    const render = once(async () => {
      const own = loaded.filter(({ file }) => file.path.startsWith(`${page}/`));
      const addresses = await Promise.all(own.map(({ file, read }) => versioned(file, read)));
      return renderPage(
        options.title,
        addresses.filter((address) => address.includes(".css")),
        addresses.filter((address) => address.includes(".js")),
      );
    });
    app.get(`/${page}`, { config: { endpoint: "docs" } }, async (_request, reply) =>
      sendPage(reply, await render()),
    );
  }
}

function audience({ docs }: ResolvedOptions): string {
  return docs === "public" ? "public" : "private";
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header("content-type", "text/html; charset=utf-8")
    .header("content-security-policy", pagePolicy)
    .header("cache-control", "no-cache")
    .send(html);
}
