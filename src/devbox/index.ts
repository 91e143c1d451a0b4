export type { DevboxLogger } from "./server/logger.ts";
export {
  type Devbox,
  type DevboxLauncher,
  type DevboxOptions,
  startDevbox,
} from "./start-devbox.ts";
