import { packageFile } from "../../shared/package-files.ts";
import { chooseCoding, isUnchanged } from "./conditional-headers.ts";
import { type ConsoleFile, readConsoleFiles } from "./console-files.ts";
import { pathOf, type Request, type Response, sendText } from "./node-http.ts";
import { unbuiltPage, unbuiltPageHeaders } from "./unbuilt-page.ts";

/** Where the console is, as the addresses of runs, tasks, triggers and apps have it. */
const root = "/v2";
const assets = `${root}/assets/`;

/**
 * Scripts, styles and calls of this origin alone; no frame around the page, no markup made of text
 * (W3C Content Security Policy Level 3, Trusted Types).
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Whether a request is for the console. */
export function isConsolePath(path: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/**
 * Answers with a file of the console: its one page for every address below `/v2`, which holds no data and so
 * needs no credential. The files are read when one is first asked for, and kept.
 *
 * @param folder - where the console is built; what is not there yet is looked for at each request
 */
export function createConsole(
  folder: string = packageFile("dist/console"),
): (request: Request, response: Response) => void {
  let files: ReadonlyMap<string, ConsoleFile> | undefined;
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendText(response, 405, "The console is only read: use GET.\n");
      return;
    }
    files ??= readConsoleFiles(folder);
    if (files === undefined) {
      sendText(response, 200, unbuiltPage, unbuiltPageHeaders);
      return;
    }
    const path = pathOf(request);
    const name = path.startsWith(assets) ? path.slice(root.length + 1) : "index.html";
    const file = files.get(name);
    if (file === undefined) sendText(response, 404, "The console has no such file.\n");
    else sendFile(request, response, file);
  };
}

function sendFile(request: Request, response: Response, file: ConsoleFile): void {
  const coding = chooseCoding(headerOf(request, "accept-encoding"), [...file.compressed.keys()]);
  const body = file.compressed.get(coding) ?? file.plain;
  const etag = coding === "identity" ? `"${file.etag}"` : `"${file.etag}-${coding}"`;
  const headers = {
    ...securityHeaders,
    "cache-control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
    vary: "accept-encoding",
  };
  if (isUnchanged(headerOf(request, "if-none-match"), etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    "content-type": file.type,
    "content-length": String(body.length),
    ...(coding !== "identity" && { "content-encoding": coding }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** A header as one text, however often it came. */
function headerOf({ headers }: Request, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
