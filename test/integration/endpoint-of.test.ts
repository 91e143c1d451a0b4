import { expect, onTestFinished, test, vi } from "vitest";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { AppEndpoint } from "../../src/app/parameters/app-endpoint.ts";
import { endpointOf } from "../../src/app/serve/endpoint-of.ts";
import { closeControlPlane, replaceControlPlane } from "../../src/client/init-current.ts";
import { startAppControlPlane, stubApp } from "../support/app-control-plane.ts";
import { named, rejection, served } from "../support/served.ts";

/** Where an app of a control plane is, for those who are not beside it. */
const pattern = "http://{app_fqdn}.p-d.svc.cluster.local";

function inCluster(): void {
  vi.stubEnv("INTERNAL_APP_ENDPOINT_PATTERN", pattern);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test("the control plane is asked, inside a cluster for the public address alone", async () => {
  const { flyte: controlPlane, stub } = await startAppControlPlane(stubApp({ phase: "ACTIVE" }));
  expect(await endpointOf("site", { controlPlane })).toBe("https://site.example.com");
  inCluster();
  expect(await endpointOf("site", { controlPlane })).toBe("http://site.p-d.svc.cluster.local");
  expect(stub.methods()).toEqual(["Get"]);
  expect(await endpointOf("site", { controlPlane, public: true })).toBe("https://site.example.com");
  expect(await rejection(endpointOf("none", { controlPlane, public: true }))).toMatchObject({
    code: "not_found",
  });
});

test("an app without an address is told as that", async () => {
  const app = stubApp({ phase: "STOPPED" });
  if (app.status?.ingress !== undefined) app.status.ingress.publicUrl = "";
  const { flyte: controlPlane } = await startAppControlPlane(app);
  expect(await rejection(endpointOf("site", { controlPlane }))).toMatchObject({
    code: "precondition_failed",
    message: 'The app "site" has no address: it is stopped. Activate it first.',
  });
});

test("a parameter has the inner address of an app, or the public one", async () => {
  const plane = await startAppControlPlane(stubApp({ phase: "ACTIVE" }));
  replaceControlPlane(plane.flyte);
  onTestFinished(closeControlPlane);
  inCluster();
  let seen: unknown;
  const env = new FastifyAppEnvironment({
    name: "app",
    app: ({ parameters }) => {
      seen = parameters;
      return named("app");
    },
    parameters: [false, true].map((isPublic) => ({
      name: `public ${isPublic}`,
      value: new AppEndpoint({ appName: "site", public: isPublic }),
    })),
  });
  await served(env, { mode: "local" });
  expect(seen).toEqual({
    "public false": "http://site.p-d.svc.cluster.local",
    "public true": "https://site.example.com",
  });
});
