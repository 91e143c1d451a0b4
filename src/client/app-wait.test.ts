import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type App, AppSchema, Spec_DesiredState, Status_DeploymentStatus } from "../idl/apps.ts";
import { toAppStatus } from "./app-status.ts";
import { judgeState, startWait } from "./app-wait.ts";

const { ACTIVE } = Status_DeploymentStatus;
const asked = { org: "", project: "p", domain: "d", name: "site", consoleUrl: "https://c" };

const condition = fc.record({
  deploymentStatus: fc.integer({ min: 0, max: 10 }),
  message: fc.constantFrom("", "why"),
  revision: fc.bigInt({ min: 1n, max: 3n }),
});

function toApp(given: { deploymentStatus: number; message: string; revision: bigint }): App {
  return create(AppSchema, {
    spec: { desiredState: Spec_DesiredState.ACTIVE },
    status: { conditions: [given] },
  });
}

function judge(before: App, after: App, isRedeployed: boolean, isLate: boolean) {
  const wait = startWait("active", before, { isRedeployed });
  return judgeState(wait, after, toAppStatus(after, asked), isLate).verdict;
}

test("a redeployed app is not reached in the condition it was in before, until it is late", () => {
  fc.assert(
    fc.property(condition, (before) => {
      const app = toApp({ ...before, deploymentStatus: ACTIVE });
      expect(judge(app, app, true, false)).toBe("waiting");
      expect(judge(app, app, true, true)).toBe("reached");
      expect(judge(app, app, false, false)).toBe("reached");
    }),
  );
});

test("any other condition of a redeployed app is judged as that of one that was switched on", () => {
  fc.assert(
    fc.property(condition, condition, fc.boolean(), (before, after, isLate) => {
      fc.pre(JSON.stringify(toApp(before), toText) !== JSON.stringify(toApp(after), toText));
      const apps = [toApp(before), toApp(after)] as const;
      expect(judge(...apps, true, isLate)).toBe(judge(...apps, false, isLate));
    }),
  );
});

function toText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
