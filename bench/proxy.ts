import { createServer } from "node:http";
import { Pool } from "undici";

/**
 * The baseline: a bare node:http server that passes each body on to the stub and the answer back.
 * `GET /health` is answered at once.
 */
const [upstream = ""] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 64 });
const headers = { "content-type": "application/proto", "connect-protocol-version": "1" };
const path = "/flyteidl2.workflow.RunService/CreateRun";

const server = createServer((request, response) => {
  if (request.url === "/health") {
    response.writeHead(200, { "content-type": "application/json" }).end('{"status":"healthy"}');
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    pool
      .request({ path, method: "POST", headers, body: Buffer.concat(chunks) })
      .then(async ({ statusCode, body }) => {
        const bytes = await body.bytes();
        response
          .writeHead(statusCode, {
            "content-type": "application/proto",
            "content-length": bytes.length,
          })
          .end(bytes);
      })
      .catch(() => response.writeHead(502).end());
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ ready: server.address() }));
process.on("message", () =>
  process.send?.({ cpu: process.cpuUsage(), memoryBytes: process.memoryUsage.rss() }),
);
process.on("disconnect", () => process.exit());
