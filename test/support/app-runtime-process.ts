import { createAppRoutes } from "../../src/devbox/apps/app-routes.ts";
import { createAppRuntime } from "../../src/devbox/apps/create-app-runtime.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { openDatabase } from "../../src/devbox/store/database.ts";

// A program: runs the apps of the store and the folder it is given, until it is killed.
const [, , location = "", stateDir = ""] = process.argv;

const database = openDatabase(location);
const runtime = createAppRuntime({
  ...{ database, stateDir, launchers: {}, log: silentLogger },
  controlPlaneUrl: "http://127.0.0.1:30080",
  endpointPattern: () => "http://{app_fqdn}.localhost",
  routes: createAppRoutes({ gatewayUrl: "http://localhost:30081" }),
  secrets: { mount: async () => ({ env: {}, values: [], unmount: async () => undefined }) },
});
await runtime.start();
