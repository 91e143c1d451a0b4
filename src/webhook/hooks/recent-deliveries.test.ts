import { expect, test } from "vitest";
import { RecentDeliveries, type RecentDelivery } from "./recent-deliveries.ts";

const delivery = (requestId: string, more: Partial<RecentDelivery>): RecentDelivery => ({
  ...{
    hook: "h",
    receivedAt: new Date(0),
    requestId,
    verdict: "started",
    status: 202,
    durationMs: 1,
  },
  ...more,
});

test("strangers do not push out what was proved", () => {
  const recent = new RecentDeliveries();
  for (let index = 0; index < 60; index++) recent.add(delivery(`own-${index}`, { type: "push" }));
  for (let index = 0; index < 500; index++) {
    recent.add(delivery(`bad-${index}`, { verdict: "bad_signature", status: 401 }));
    recent.add(delivery(`cut-${index}`, { verdict: "failed", status: 413 }));
  }
  const kept = recent.of("h");
  expect(kept).toHaveLength(100);
  expect(kept[0]?.requestId).toBe("cut-499");
  const own = kept.filter(({ verdict }) => verdict === "started");
  expect(own.map(({ requestId }) => requestId)).toEqual(
    Array.from({ length: 50 }, (_, index) => `own-${59 - index}`),
  );
  for (let index = 0; index < 100; index++) recent.add(delivery(`new-${index}`, { type: "push" }));
  expect(recent.of("h").filter(({ verdict }) => verdict === "started")).toHaveLength(100);
});
