import { defineTask, t } from "flyte-webhook/tasks";

const point = t.struct("Point", {
  x: t.float(),
  y: t.float(),
  label: t.string().default(""),
});

const everyType = {
  whole: t.int(),
  big: t.bigint().describe("64 bits, exact beyond 2^53"),
  number: t.float(),
  text: t.string(),
  flag: t.boolean(),
  moment: t.datetime(),
  pause: t.duration(),
  anything: t.json(),
  place: point,
  list: t.list(t.int()),
  table: t.map(t.list(t.float())),
  color: t.enum("red", "green", "blue"),
  maybe: t.optional(t.string()),
  either: t.union(t.int(), t.string()),
  file: t.file("csv"),
  folder: t.dir(),
  dataset: t.dataset("parquet"),
};

/** Takes one input of every type and gives it back. */
export const echo = defineTask(
  {
    name: "types.echo",
    description: "One input of every type, given back as output of the same name.",
    inputs: everyType,
    outputs: everyType,
  },
  async (inputs, { log }) => {
    log.info("every value has its JavaScript type", {
      big: inputs.big + 1n,
      year: inputs.moment.getUTCFullYear(),
      minutes: inputs.pause / 60_000,
      distance: Math.hypot(inputs.place.x, inputs.place.y),
    });
    return inputs;
  },
);
