/**
 * The address of the webhook that a devbox asked, as the header `content-location` of its answer tells it.
 *
 * @param target - what the webhook was asked for, such as `/inspect`
 * @returns without a slash at its end; undefined where the header names none
 */
export function readAddress(location: string | null, target: string): string | undefined {
  if (location === null || !location.endsWith(target)) return undefined;
  const address = location.slice(0, -target.length);
  if (/[?#]/.test(address) || !URL.canParse(address)) return undefined;
  const { protocol, username, password, href } = new URL(address);
  const isWeb = protocol === "http:" || protocol === "https:";
  const isOpen = username === "" && password === "";
  return isWeb && isOpen ? href.replace(/\/+$/, "") : undefined;
}
