import { type BrowserContext, chromium } from "playwright-core";

/** Longest time for the browser to start and to show anything, on a busy machine too. */
const patienceMs = 60_000;

/** Debian's Chromium without a window and without requests of its own. */
export async function launchChromium(profile: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    timeout: patienceMs,
    permissions: ["clipboard-read", "clipboard-write"],
    timezoneId: "Europe/Zurich",
    locale: "en-GB",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  context.setDefaultTimeout(patienceMs);
  return context;
}
