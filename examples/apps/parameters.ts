import Fastify, { type FastifyInstance } from "fastify";
import { type AppContext, FastifyAppEnvironment, init, RunOutput, serve } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** Says whether a value is near the mean that the newest run of a task has found. */
export function createApp({ parameters, env }: AppContext): FastifyInstance {
  const mean = Number(parameters["mean"]);
  const tolerance = Number(env["TOLERANCE"]);
  const app = Fastify();
  app.get("/health", async () => ({ status: "healthy" }));
  app.get<{ Querystring: { value: string } }>("/check", async ({ query }) => {
    const distance = Math.abs(Number(query.value) - mean);
    return { mean, distance, near: distance <= tolerance };
  });
  return app;
}

export const env = new FastifyAppEnvironment({
  name: "outliers",
  app: createApp,
  parameters: [
    // Looked up when the app is served or deployed: the second output of the task is the mean.
    { name: "mean", value: new RunOutput({ task: "stats.describe", type: "string", getter: [1] }) },
    { name: "tolerance", value: "2", envVar: "TOLERANCE" },
  ],
});

if (isMain(import.meta.url)) {
  await init(); // Who looks the run up: FLYTE_API_KEY.
  const parameterValues = { outliers: { tolerance: process.argv[2] ?? "2" } };
  console.log((await serve(env, { mode: "local", parameterValues })).endpoint);
}
