import { runCommand } from "./external-command.ts";

/** Opens a page in the person's browser if that can be done; says nothing if it cannot. */
export function openBrowser(page: URL, signal: AbortSignal): void {
  // The address is printed as well, so a machine without a browser loses nothing.
  runCommand([...(openers[process.platform] ?? ["xdg-open"]), page.href], { signal }).catch(
    () => undefined,
  );
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
