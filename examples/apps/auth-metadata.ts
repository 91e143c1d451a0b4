import { createServer, type Server } from "node:http";
import { authMetadata, initPassthrough, problemDocument, remote } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** Without a framework and without middleware: the caller's header is bound around the calls that need it. */
export async function start(port: number): Promise<Server> {
  await initPassthrough();
  const server = createServer(async (request, response) => {
    response.setHeader("content-type", "application/json");
    const { authorization } = request.headers;
    if (authorization === undefined) {
      response.writeHead(401, { "www-authenticate": "Bearer" }).end('{"detail":"Who are you?"}');
      return;
    }
    try {
      const user = await authMetadata([["authorization", authorization]], () => remote.User.get());
      response.end(JSON.stringify({ subject: user.subject, name: user.name }));
    } catch (error) {
      const problem = problemDocument(error);
      response.writeHead(problem.status).end(JSON.stringify(problem));
    }
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

if (isMain(import.meta.url)) await start(8080);
