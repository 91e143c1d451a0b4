import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const rejected = { status: 401, detail: "Invalid credentials or unauthorized" };

export const coreCases: readonly ConformanceCase[] = [
  {
    endpoint: "health",
    when: "it is up",
    request: "GET /health",
    calls: [],
    upstream: { status: 200, body: { status: "healthy" } },
  },
  {
    endpoint: "me",
    when: "the credential is good",
    request: "GET /me",
    calls: ["userInfo"],
    upstream: { status: 200, body: { subject: "CREDENTIAL", name: "Ada" } },
  },
  {
    endpoint: "me",
    when: "the credential is not accepted",
    request: "GET /me",
    failing: { userInfo: [Code.Unauthenticated, "token expired"] },
    calls: ["userInfo"],
    ours: { status: 401, code: "unauthenticated" },
    upstream: rejected,
  },
  {
    endpoint: "me",
    when: "the caller may not ask",
    request: "GET /me",
    failing: { userInfo: [Code.PermissionDenied, "not you"] },
    calls: ["userInfo"],
    ours: { status: 403, code: "permission_denied", detail: "not you" },
    upstream: rejected,
  },
  {
    endpoint: "me",
    when: "the control plane is out of order",
    request: "GET /me",
    failing: { userInfo: [Code.Unavailable, "db down"] },
    calls: ["userInfo"],
    ours: {
      status: 503,
      code: "unavailable",
      detail: "The control plane cannot be reached. Try again later.",
    },
    upstream: rejected,
  },
];
