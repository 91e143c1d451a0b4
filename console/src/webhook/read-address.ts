/**
 * The address of the webhook of a devbox, as the header `content-location` of `GET /webhook` tells it.
 *
 * @returns without a slash at its end; undefined where the header names none
 */
export function readAddress(location: string | null): string | undefined {
  if (location === null || /[?#]/.test(location) || !URL.canParse(location)) return undefined;
  const { protocol, username, password, href } = new URL(location);
  const isWeb = protocol === "http:" || protocol === "https:";
  const isOpen = username === "" && password === "";
  return isWeb && isOpen ? href.replace(/\/+$/, "") : undefined;
}
