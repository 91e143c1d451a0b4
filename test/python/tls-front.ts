import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";

/** What ends TLS in front of a control plane. */
export interface TlsFront extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts one with `cert.pem` and `key.pem` of a folder. Flyte's SDKs send credentials over TLS only.
 *
 * @param url of a control plane in plain HTTP
 */
export async function startTlsFront(url: string, folder: string): Promise<TlsFront> {
  const [cert, key] = await Promise.all(
    ["cert.pem", "key.pem"].map((name) => readFile(join(folder, name))),
  );
  const server = createServer({ cert, key }, (call, answer) => {
    const headers = { ...call.headers, "x-forwarded-proto": "https" };
    const passed = request(new URL(call.url ?? "/", url), { method: call.method, headers });
    passed.once("response", (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.once("error", () => answer.destroy()).pipe(answer);
    });
    passed.once("error", () => answer.destroy());
    answer.once("close", () => passed.destroy());
    call.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
