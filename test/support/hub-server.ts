import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gitHashOf, type HubContent, seededRandom, sha256Of, textContent } from "./hub-content.ts";

/** A file of a model; large ones are kept in Git LFS, and served from another host. */
export interface HubFile {
  readonly path: string;
  readonly content: HubContent;
  readonly isLarge?: boolean;
  /** What the list says in place of the truth. */
  readonly listed?: Readonly<Record<string, unknown>>;
}

export interface HubModel {
  readonly repo: string;
  readonly files: readonly HubFile[];
  /** Only `hf_member` gets its files. */
  readonly isGated?: boolean;
  /** Only callers with a token know of it. */
  readonly isPrivate?: boolean;
  readonly about?: Readonly<Record<string, unknown>>;
}

export interface SeenRequest {
  readonly host: "hub" | "store";
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** How the hub misbehaves; all of it can be changed while it runs. */
export interface HubFaults {
  /** Bodies are cut after a random number of bytes up to this. */
  cutWithin: number | undefined;
  /** Answered to the next requests for files, first to last, with `retryAfter`. */
  statuses: number[];
  retryAfter: string | undefined;
  /** Bodies stop, open, after this many bytes. */
  stallAfter: number | undefined;
  /** Paths whose first byte is wrong. */
  readonly corrupt: Set<string>;
  /** Answers with everything whatever part is asked for. */
  ignoresRanges: boolean;
  /** Where large files are redirected to in place of the store. */
  redirectTo: string | undefined;
  /** Entries of a page of the list. */
  pageSize: number;
}

const tokens: ReadonlySet<string> = new Set(["hf_member", "hf_stranger"]);
const chunkBytes = 64 * 1024;

/**
 * A model hub that speaks the API of Hugging Face's: what a model is, its tree in pages, and its files,
 * the large ones by a redirect to a store on another port. Both servers write down who asked.
 */
export class TestHub implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly faults: HubFaults = { ...wellBehaved(), corrupt: new Set() };
  /** Bytes that left the two servers. */
  sent = 0;
  readonly #models = new Map<string, HubModel & { readonly commit: string }>();
  readonly #hashes = new Map<HubContent, string>();
  readonly #random = seededRandom(1);
  readonly #hub: Server;
  readonly #store: Server;

  private constructor() {
    this.#hub = createServer((request, response) => this.#take("hub", request, response));
    this.#store = createServer((request, response) => this.#take("store", request, response));
  }

  static async start(): Promise<TestHub> {
    const hub = new TestHub();
    for (const server of [hub.#hub, hub.#store]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return hub;
  }

  get url(): string {
    return urlOf(this.#hub);
  }

  get storeUrl(): string {
    return urlOf(this.#store);
  }

  /** Behaves again. */
  resetFaults(): void {
    this.faults.corrupt.clear();
    Object.assign(this.faults, wellBehaved());
  }

  /** Adds a model, or a new commit of it. @returns the commit */
  add(model: HubModel): string {
    const text = JSON.stringify(
      model.files.map(({ path, content }) => [path, this.#hashOf(content, true)]),
    );
    const commit = createHash("sha1").update(text).digest("hex");
    this.#models.set(model.repo, { ...model, commit });
    return commit;
  }

  /** The requests for files since the last time this was asked. */
  takeFiles(): readonly SeenRequest[] {
    return this.seen.splice(0).filter(({ path }) => !path.startsWith("/api/models/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#hub, this.#store]) {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    }
  }

  #take(host: "hub" | "store", request: IncomingMessage, response: ServerResponse): void {
    const { method = "", headers } = request;
    const url = new URL(request.url ?? "/", this.url);
    this.seen.push({
      host,
      method,
      path: url.pathname,
      authorization: headers.authorization,
      range: headers.range,
    });
    // Its readers go away in the middle, on purpose.
    response.on("error", () => undefined);
    if (host === "store") this.#answerStore(url, request, response);
    else if (url.pathname.startsWith("/api/models/")) this.#answerApi(url, request, response);
    else this.#answerFile(url, request, response);
  }

  #answerApi(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const [, repo = "", what, revision] =
      /^\/api\/models\/(.+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname) ?? [];
    const model = this.#find(repo, request, response);
    if (model === undefined) return;
    if (what === "revision") {
      send(response, 200, {
        _id: "1",
        id: repo,
        sha: model.commit,
        private: model.isPrivate === true,
        gated: model.isGated === true ? "manual" : false,
        downloads: 1,
        likes: 1,
        lastModified: "2026-01-02T03:04:05.000Z",
        ...model.about,
      });
      return;
    }
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const entries = this.#tree(model);
    const next = from + this.faults.pageSize;
    if (next < entries.length) {
      url.searchParams.set("cursor", String(next));
      response.setHeader("link", `<${url.href}>; rel="next"`);
    }
    if (revision === model.commit) send(response, 200, entries.slice(from, next));
    else send(response, 404, { error: "Invalid rev id" }, { "x-error-code": "RevisionNotFound" });
  }

  #tree({ files }: HubModel): readonly object[] {
    const folders = new Set(
      files.flatMap(({ path }) => {
        const parts = path.split("/").slice(0, -1);
        return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
      }),
    );
    return [
      ...[...folders].map((path) => ({ type: "directory", oid: "0".repeat(40), size: 0, path })),
      ...files.map(({ path, content, isLarge = false, listed }) => {
        const { size } = content;
        const hash = this.#hashOf(content, isLarge);
        const pointer = textContent(pointerOf(hash, size));
        return {
          type: "file",
          path,
          size,
          ...(isLarge
            ? { oid: gitHashOf(pointer), lfs: { oid: hash, size, pointerSize: pointer.size } }
            : { oid: hash }),
          ...listed,
        };
      }),
    ];
  }

  #answerFile(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const cached = /^\/api\/resolve-cache\/models\/(.+?)\/([0-9a-f]{40})\/(.+)$/.exec(url.pathname);
    const named = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [, repo = "", revision, encoded = ""] = cached ?? named ?? [];
    const model = this.#find(repo, request, response);
    if (model === undefined || this.#refuses(model, request, response)) return;
    const file = model.files.find(({ path }) => path === decodeURIComponent(encoded));
    if (file === undefined || revision !== model.commit) {
      send(response, 404, { error: "Entry not found" }, { "x-error-code": "EntryNotFound" });
      return;
    }
    if (this.#fails(response)) return;
    const hash = this.#hashOf(file.content, file.isLarge === true);
    response.setHeader("x-repo-commit", model.commit);
    if (file.isLarge === true) {
      response.setHeader("x-linked-size", file.content.size);
      response.setHeader("x-linked-etag", `"${hash}"`);
      const to = this.faults.redirectTo ?? this.storeUrl;
      response.writeHead(302, { location: `${to}/${repo}/${hash}?signature=of-the-hub` }).end();
    } else if (cached === null) {
      const location = `/api/resolve-cache/models/${repo}/${revision}/${encoded}`;
      response.writeHead(307, { location }).end();
    } else {
      this.#sendContent(file, `"${hash}"`, request, response);
    }
  }

  #answerStore(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const hash = url.pathname.split("/").at(-1);
    const files = [...this.#models.values()].flatMap(({ files }) => files);
    const file = files.find(
      (each) => each.isLarge === true && this.#hashOf(each.content, true) === hash,
    );
    if (file === undefined || url.searchParams.get("signature") === null) {
      response.writeHead(403).end();
    } else if (!this.#fails(response)) {
      this.#sendContent(file, `"${hash}"`, request, response);
    }
  }

  /** Answers for a model that is not there, or not for this caller. */
  #find(repo: string, { headers }: IncomingMessage, response: ServerResponse) {
    const token = headers.authorization?.replace("Bearer ", "");
    const model = this.#models.get(repo);
    if (token !== undefined && !tokens.has(token)) {
      send(response, 401, { error: "Invalid credentials in Authorization header" });
      return undefined;
    }
    if (model !== undefined && (model.isPrivate !== true || token !== undefined)) return model;
    const unknown = { "x-error-code": "RepoNotFound" };
    if (token === undefined)
      send(response, 401, { error: "Invalid username or password." }, unknown);
    else send(response, 404, { error: "Repository not found" }, unknown);
    return undefined;
  }

  #refuses({ isGated }: HubModel, { headers }: IncomingMessage, response: ServerResponse): boolean {
    if (isGated !== true || headers.authorization === "Bearer hf_member") return false;
    const error = { error: "Access to this model is restricted." };
    const status = headers.authorization === undefined ? 401 : 403;
    send(response, status, error, { "x-error-code": "GatedRepo" });
    return true;
  }

  #fails(response: ServerResponse): boolean {
    const status = this.faults.statuses.shift();
    if (status === undefined) return false;
    const { retryAfter } = this.faults;
    send(
      response,
      status,
      { error: "planted" },
      retryAfter === undefined ? {} : { "retry-after": retryAfter },
    );
    return true;
  }

  #sendContent(
    file: HubFile,
    etag: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { content } = file;
    const { range, "if-range": tag } = request.headers;
    const [, text] = /^bytes=(\d+)-$/.exec(range ?? "") ?? [];
    const isPart = text !== undefined && !this.faults.ignoresRanges && (tag ?? etag) === etag;
    const first = isPart ? Number(text) : 0;
    response.setHeader("etag", etag);
    response.setHeader("accept-ranges", "bytes");
    if (isPart && first >= content.size) {
      response.writeHead(416, { "content-range": `bytes */${content.size}` }).end();
      return;
    }
    response.setHeader("content-length", content.size - first);
    if (isPart)
      response.setHeader("content-range", `bytes ${first}-${content.size - 1}/${content.size}`);
    response.writeHead(isPart ? 206 : 200);
    if (request.method === "HEAD") response.end();
    else void this.#pour(file, first, response);
  }

  async #pour(file: HubFile, first: number, response: ServerResponse): Promise<void> {
    const { cutWithin, stallAfter, corrupt } = this.faults;
    const { content, path } = file;
    const cutAt =
      cutWithin === undefined ? undefined : first + Math.ceil(this.#random() * cutWithin);
    const end = Math.min(content.size, cutAt ?? content.size, first + (stallAfter ?? content.size));
    for (let at = first; at < end && !response.destroyed; ) {
      const chunk = Buffer.from(content.read(at, Math.min(chunkBytes, end - at)));
      if (at === 0 && corrupt.has(path)) chunk[0] = (chunk[0] ?? 0) ^ 1;
      at += chunk.length;
      this.sent += chunk.length;
      if (!response.write(chunk)) await drained(response);
    }
    if (end === content.size) response.end();
    else if (stallAfter === undefined) response.destroy();
  }

  #hashOf(content: HubContent, isLarge: boolean): string {
    const known = this.#hashes.get(content);
    if (known !== undefined && (known.length === 64) === isLarge) return known;
    const hash = isLarge ? sha256Of(content) : gitHashOf(content);
    this.#hashes.set(content, hash);
    return hash;
  }
}

function wellBehaved(): Omit<HubFaults, "corrupt"> {
  return {
    cutWithin: undefined,
    statuses: [],
    retryAfter: undefined,
    stallAfter: undefined,
    ignoresRanges: false,
    redirectTo: undefined,
    pageSize: 3,
  };
}

/** What git keeps in place of a large file. */
export function pointerOf(hash: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${hash}\nsize ${size}\n`;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
