import { packageVersion } from "../../shared/package-files.ts";
import type { ReceiveUploadOptions } from "../blobs/receive-upload.ts";
import { isAllowedHost } from "./allowed-host.ts";
import { type ApiKeysEndpointOptions, answerApiKeys, apiKeysPath } from "./api-keys-endpoint.ts";
import { isConsolePath } from "./console-pages.ts";
import type { DevboxLogger } from "./logger.ts";
import { hostOf, pathOf, type Request, type Response, sendJson, sendText } from "./node-http.ts";
import { answerToken, type TokenEndpointOptions, tokenPath } from "./token-endpoint.ts";
import { answerUpload, uploadPath } from "./upload-endpoint.ts";
import { isWebhookPath } from "./webhook-link.ts";

/** What answers the parts of the port. */
export interface RequestListenerOptions {
  /** The address the server was told to bind. */
  readonly boundHost: string;
  readonly rpc: (request: Request, response: Response) => boolean;
  readonly apiKeys: ApiKeysEndpointOptions;
  readonly tokens: TokenEndpointOptions;
  readonly uploads: ReceiveUploadOptions;
  readonly console: (request: Request, response: Response) => void;
  /** Passes on what is for the webhook. */
  readonly webhook: (request: Request, response: Response) => Promise<void>;
  /** Whether the state answers, and the devbox is not shutting down. */
  readonly isReady: () => boolean;
  readonly log: DevboxLogger;
}

/** Answers every request of the devbox's one port. Never throws. */
export function createRequestListener(
  options: RequestListenerOptions,
): (request: Request, response: Response) => void {
  return (request, response) => {
    request.on("error", () => response.destroy());
    response.on("error", () => undefined);
    try {
      if (!isAllowedHost(hostOf(request), request.socket.localAddress, options.boundHost)) {
        sendText(response, 421, "This devbox answers only to local names, such as localhost.\n");
        return;
      }
      if (options.rpc(request, response)) return;
      answerPlain(request, response, options).catch((error: unknown) =>
        fail(request, response, options.log, error),
      );
    } catch (error) {
      fail(request, response, options.log, error);
    }
  };
}

async function answerPlain(
  request: Request,
  response: Response,
  options: RequestListenerOptions,
): Promise<void> {
  const path = pathOf(request);
  if (path === "/healthz" || path === "/readyz") {
    response.setHeader("server", `flyte-webhook-devbox/${packageVersion()}`);
    return path === "/healthz" || options.isReady()
      ? sendText(response, 200, "OK\n")
      : sendText(response, 503, "The state does not answer, or the devbox is shutting down.\n");
  }
  if (path.startsWith(uploadPath)) return answerUpload(request, response, options.uploads);
  if (path === tokenPath) return answerToken(request, response, options.tokens);
  if (path === apiKeysPath || path.startsWith(`${apiKeysPath}/`)) {
    return answerApiKeys(request, response, options.apiKeys);
  }
  if (isWebhookPath(path)) return options.webhook(request, response);
  if (isConsolePath(path)) return options.console(request, response);
  sendJson(response, 404, { code: "unimplemented", message: whatIsMissing(path) });
}

/** Names the service a client asks for and this version does not have. */
function whatIsMissing(path: string): string {
  const [, service] = /^\/flyteidl2\.([\w.]{1,100})\/\w{1,100}$/.exec(path) ?? [];
  if (service === undefined) return "There is nothing at this path.";
  return `This devbox has no ${service} in this version. A Flyte 2 cluster may have one.`;
}

function fail(request: Request, response: Response, log: DevboxLogger, error: unknown): void {
  if (request.destroyed && !request.complete) {
    response.destroy();
    return;
  }
  // The path of an upload is a credential.
  const path = pathOf(request);
  log.error(
    { err: error, method: request.method, path: path.startsWith(uploadPath) ? uploadPath : path },
    "request failed",
  );
  if (response.headersSent) response.destroy();
  else sendJson(response, 500, { code: "internal", message: "The devbox failed to answer." });
}
