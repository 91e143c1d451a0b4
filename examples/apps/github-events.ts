import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { FastifyAppEnvironment, init, remote, run, Secret, serve } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** What of a push event is used here. */
interface Push {
  readonly ref: string;
  /** The commit the branch points to now. */
  readonly after: string;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * GitHub cannot hold a credential of the control plane: it signs its deliveries instead, and the
 * runs belong to this app's own identity, that of FLYTE_API_KEY.
 */
export function createApp(): FastifyInstance {
  const secret = process.env["GITHUB_WEBHOOK_SECRET"];
  if (secret === undefined || secret === "") throw new Error("GITHUB_WEBHOOK_SECRET is not set");
  const app = Fastify();
  app.addHook("onReady", async () => {
    await init();
  });
  // The signature is over the bytes as they came, so they are kept as they came.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  app.get("/health", async () => ({ status: "healthy" }));
  app.post<{ Body: Buffer }>("/github", async ({ headers, body }, reply) => {
    const mac = createHmac("sha256", secret).update(body).digest("hex");
    const given = String(headers["x-hub-signature-256"] ?? "");
    // Compared as digests: they have one length, whatever was sent.
    if (!timingSafeEqual(digest(given), digest(`sha256=${mac}`))) {
      return reply.code(403).send({ detail: "Invalid signature" });
    }
    const event = headers["x-github-event"];
    if (event !== "push") return { status: "ignored", event };
    const { ref, after } = JSON.parse(body.toString("utf8")) as Push; // signed, so GitHub's own
    const started = await run(remote.Task.get({ name: "ci.plan_build" }), {
      commit: after,
      branch: ref.replace("refs/heads/", ""),
    });
    return { run_id: started.name, url: started.url };
  });
  return app;
}

export const env = new FastifyAppEnvironment({
  name: "github-webhook",
  app: createApp,
  secrets: [new Secret({ key: "github-webhook-secret", asEnvVar: "GITHUB_WEBHOOK_SECRET" })],
  requiresAuth: false, // GitHub's signature is the credential.
});

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
