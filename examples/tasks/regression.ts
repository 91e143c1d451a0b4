import { defineTask, t, UserError } from "flyte-webhook/tasks";

/** Fits a straight line through points by least squares. */
export const fitLine = defineTask(
  {
    name: "regression.fit_line",
    description: "Slope, intercept and r2 of the straight line that fits the points best.",
    inputs: { x: t.list(t.float()), y: t.list(t.float()) },
    outputs: {
      slope: t.float(),
      intercept: t.float(),
      r2: t.float().describe("Share of the variance that the line explains, 0 to 1"),
    },
  },
  async ({ x, y }, { log }) => {
    if (x.length !== y.length || x.length < 2) {
      throw new UserError(
        `x and y need at least 2 numbers each, as many in both; they have ${x.length} and ${y.length}.`,
        {
          code: "BadShape",
          retryable: false,
        },
      );
    }
    const meanX = mean(x);
    const meanY = mean(y);
    const dx = x.map((value) => value - meanX);
    const dy = y.map((value) => value - meanY);
    const spread = dot(dx, dx);
    if (spread === 0) {
      throw new UserError("All x are equal, so no line fits.", {
        code: "Degenerate",
        retryable: false,
      });
    }
    const slope = dot(dx, dy) / spread;
    const variance = dot(dy, dy);
    const r2 = variance === 0 ? 1 : (slope * dot(dx, dy)) / variance;
    log.info("fitted", { points: x.length, slope, r2 });
    return { slope, intercept: meanY - slope * meanX, r2 };
  },
);

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, index) => total + value * (b[index] ?? 0), 0);
}
