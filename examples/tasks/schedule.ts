import { Cron, defineTask, FixedRate, Trigger, t, triggerTime } from "flyte-webhook/tasks";

/** Two triggers come along with it, switched off until someone says `activate trigger`. */
export const digest = defineTask(
  {
    name: "schedule.digest",
    description: "Names the day before a point in time, as reports of yesterday begin.",
    inputs: { at: t.datetime(), region: t.enum("eu", "us").default("eu") },
    outputs: { day: t.string(), region: t.string() },
    triggers: [
      new Trigger({
        name: "nightly",
        description: "At two in the morning, by the clocks of Berlin.",
        automation: new Cron("0 2 * * *", { timezone: "Europe/Berlin" }),
        // The time at which it was due, also when its run starts late.
        inputs: { at: triggerTime },
        autoActivate: false,
      }),
      new Trigger({
        name: "often",
        automation: new FixedRate(15),
        inputs: { at: triggerTime, region: "us" },
        labels: { purpose: "demo" },
        autoActivate: false,
      }),
    ],
  },
  async ({ at, region }, { log }) => {
    const day = new Date(at.getTime() - 86_400_000).toISOString().slice(0, 10);
    log.info("digested", { day, region });
    return { day, region };
  },
);
