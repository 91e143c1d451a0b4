import { NonRecoverableError } from "../../tasks/task-errors.ts";

/** Where models come from, and as whom. */
export interface Hub {
  /** Without a slash at its end. */
  readonly url: string;
  /** Sent to this hub and to nobody else. */
  readonly token: string | undefined;
  /** The secret that the token is taken from, for messages; empty for none. */
  readonly secret: string;
  readonly project: string;
  readonly domain: string;
}

export interface HubOptions extends Pick<Hub, "secret" | "project" | "domain"> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The hub that `HF_ENDPOINT` names, else that of Hugging Face, with the token of `HF_TOKEN`.
 *
 * @throws NonRecoverableError for an address or token that cannot be one
 */
export function toHub({ env, ...named }: HubOptions): Hub {
  return {
    url: toUrl(env["HF_ENDPOINT"]),
    token: toToken(env["HF_TOKEN"], named.secret),
    ...named,
  };
}

function toUrl(text: string | undefined): string {
  const given = text?.trim() || "https://huggingface.co";
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isPlain =
    url?.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (url !== undefined && /^https?:$/.test(url.protocol) && isPlain) {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  throw new NonRecoverableError(
    "HF_ENDPOINT is not the address of a hub. Write it like https://huggingface.co, without a user, query or fragment.",
    { code: "InvalidEndpoint" },
  );
}

/** Files of tokens often end with a line break. */
function toToken(text: string | undefined, secret: string): string | undefined {
  const token = text?.trim();
  if (secret === "" || token === undefined || token === "") return undefined;
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  throw new NonRecoverableError(
    `The secret ${JSON.stringify(secret)} does not hold a token: that is one word of visible ASCII characters.`,
    { code: "InvalidToken" },
  );
}
