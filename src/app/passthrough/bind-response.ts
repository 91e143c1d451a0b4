import type { Scope } from "./bind-events.ts";

/**
 * The same response, whose body is produced in `scope`: whoever sends it asks a stream for more when
 * the handler has long returned.
 */
export function bindResponse(response: Response, scope: Scope): Response {
  const { body, status } = response;
  // Others, such as those that switch protocols, mean something to the server as the objects they are.
  if (body === null || body.locked || status < 200 || status > 599) return response;
  return new Response(bindStream(body, scope), response);
}

function bindStream(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  scope: Scope,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await scope(() => reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => scope(() => reader.cancel(reason)),
    },
    { highWaterMark: 0 }, // nothing is produced before it is asked for
  );
}
