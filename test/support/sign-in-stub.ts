import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { AuthMetadataService } from "../../src/idl/auth.ts";

/** One request of a form, as an identity provider sees it. */
export interface FormRequest {
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

export interface FormReply {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SignInStubOptions {
  /** Answers the forms; they are also kept in `requests`. */
  readonly reply: (request: FormRequest) => FormReply | Promise<FormReply>;
  /** Header that `authorization_metadata_key` names. */
  readonly headerKey?: string;
  readonly redirectUri?: string;
  /** What the control plane tells in place of its own token endpoint. */
  readonly tokenEndpoint?: string;
  readonly authorizationEndpoint?: string;
  readonly audience?: string;
}

/** A control plane that only says how to sign in, and the identity provider it names. */
export interface SignInStub extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly FormRequest[];
  /** How often the control plane was asked how to sign in. */
  readonly discoveries: () => number;
}

type Fallback = NonNullable<Parameters<typeof connectNodeAdapter>[0]["fallback"]>;

export async function startSignInStub(options: SignInStubOptions): Promise<SignInStub> {
  const requests: FormRequest[] = [];
  let discoveries = 0;
  let url = "";
  const rpc = connectNodeAdapter({
    routes: (router) =>
      router.service(AuthMetadataService, {
        getOAuth2Metadata() {
          discoveries += 1;
          return {
            tokenEndpoint: options.tokenEndpoint ?? `${url}/token`,
            authorizationEndpoint: options.authorizationEndpoint ?? `${url}/authorize`,
            deviceAuthorizationEndpoint: `${url}/device`,
          };
        },
        getPublicClientConfig: () => ({
          clientId: "public-client",
          redirectUri: options.redirectUri ?? "",
          scopes: ["all", "offline"],
          authorizationMetadataKey: options.headerKey ?? "",
          audience: options.audience ?? "",
        }),
      }),
    fallback: (request, response) => void answerForm(request, response),
  });
  const answerForm = async (...[request, response]: Parameters<Fallback>): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const received: FormRequest = {
      path: request.url ?? "",
      form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
      authorization: request.headers.authorization,
    };
    requests.push(received);
    const { status = 200, body, headers } = await options.reply(received);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const server = createServer(rpc);
  url = await listen(server);
  return {
    url,
    requests,
    discoveries: () => discoveries,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
