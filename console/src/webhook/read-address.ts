import { toWebAddress } from "../text/web-address.ts";

/**
 * The address of the webhook of a devbox, as the header `content-location` of `GET /webhook` tells it.
 *
 * @returns without a slash at its end; undefined where the header names none
 */
export function readAddress(location: string | null): string | undefined {
  const address = toWebAddress(location ?? "");
  if (address === undefined || /[?#]/.test(address)) return undefined;
  const { username, password, href } = new URL(address);
  return username === "" && password === "" ? href.replace(/\/+$/, "") : undefined;
}
