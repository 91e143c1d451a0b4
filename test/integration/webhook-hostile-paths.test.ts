import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import {
  credential,
  describeHostile,
  type HostileRow,
  json,
  startFenced,
} from "../support/hostile-rows.ts";

/** Addresses after `/run-task`, whose allowlist has `b/c` (in any domain) and one full name. */
const taskPaths: readonly (readonly [path: string, status: number])[] = [
  // slashes that hide
  ["/a%2Fb/c/d", 400],
  ["/a%2fb/c", 404],
  ["/x%2Fb/c", 404],
  ["/a/b%2Fc", 404],
  ["/a/x/b%2Fc", 400],
  ["/a/b/c%252Fd", 400],
  ["/a/b/c%25252Fd", 400],
  ["/a/b/c%5Cd", 400],
  ["/a/b/c\\d", 400],
  ["\\a\\b\\c", 404],
  ["/a/b/c%C0%AFd", 400],
  ["/a/b/c%u002fd", 400],
  ["/a/b/c%EF%BC%8Fd", 403],
  // segments that point elsewhere
  ["/a/b/..", 400],
  ["/a/b/.", 400],
  ["/a/b/%2e%2e", 400],
  ["/a/b/%2E.", 400],
  ["/a/b/%252e%252e", 400],
  ["/a/b/..%2fc", 400],
  ["/a/b/..%5cc", 400],
  ["/a/../b/c", 404],
  ["/a/../c", 400],
  ["/../run-task/a/b/c", 404],
  ["/a/b/c/..%2f..%2fd", 404],
  ["/x/a/../b/c", 404],
  ["/a/b/..;x=1", 403],
  ["/a/..;/b/c", 404],
  ["/a/b/c;x=1", 403],
  ["/a/b/c;", 403],
  ["/a;x=1/b/x", 403],
  // segments that are missing
  ["//b/c", 400],
  ["/a/b/", 400],
  ["/a//b/c", 404],
  ["/a/b", 404],
  ["", 404],
  // characters that are not seen
  ["/a/b/c%00", 400],
  ["/a/b/%00c", 400],
  ["/a/b/c%00.txt", 400],
  ["/a/b/c%09", 400],
  ["/a/b/c%0d%0ax-evil:%201", 400],
  ["/a/b/c%7F", 400],
  ["/a/b/c%C2%85", 400],
  ["/a/b/c%C2%AD", 400],
  ["/a/b/c%E2%80%AE", 400],
  ["/a/b/c%E2%81%A6", 400],
  ["/a/b/c%E2%80%8B", 400],
  ["/a/b/c%E2%80%A8", 400],
  ["/a/b/c%EF%BB%BF", 400],
  ["/a/b/c%20", 400],
  ["/a/b/%20c", 400],
  ["/a/b/c%C2%A0", 400],
  // names that look alike
  ["/a/b/cafe%CC%81", 400],
  ["/a/b/%E2%84%AA", 400],
  ["/a/b/C", 403],
  ["/a/B/c", 403],
  ["/a/b/c.", 403],
  ["/a/b/%D1%81", 403],
  ["/a/b/c%3Fversion=1", 403],
  ["/a/b/c%23", 403],
  ["/a/b/c+", 403],
  ["/a/b/c*", 403],
  ["/a/b/*", 403],
  ["/a/b/constructor", 403],
  ["/a/b/__proto__", 403],
  ["/__proto__/b/x", 403],
  // percent signs that mean nothing
  ["/a/b/%", 400],
  ["/a/b/%zz", 400],
  ["/a/b/c%2", 400],
  ["/a/b/%ff", 400],
  ["/a/b/%ED%A0%80", 400],
  ["/a/b/%F4%90%80%80", 400],
  ["/a/b/%E2%28%A1", 400],
  // lengths
  [`/a/b/${"c".repeat(256)}`, 400],
  [`/a/b/${"%41".repeat(2000)}`, 400],
  [`/a/b/c?x=${"y".repeat(9000)}`, 414],
  [`/a/b/${"c".repeat(9000)}`, 414],
  [`/a/b/${"c".repeat(20_000)}`, 431],
  // queries that want to be paths
  ["/a/b/x?/b/c", 403],
  ["/a/b/x?name=c&project=b", 403],
];

const targets: readonly (readonly [line: string, status: number])[] = [
  ["POST //run-task/a/b/c", 404],
  ["POST /./run-task/a/b/c", 404],
  ["POST /RUN-TASK/a/b/c", 404],
  ["POST /run-task%2Fa/b/c", 404],
  ["POST /run-task;x/a/b/c", 404],
  ["POST /health/../run-task/a/b/c", 404],
  ["POST http://evil.example/run-task/a/b/c", 400],
  ["POST http://test/run-task/a/b/c", 400],
  ["POST https://test:443/run-task/a/b/c", 400],
  ["POST file:///run-task/a/b/c", 404],
  ["POST *", 404],
  ["OPTIONS *", 404],
  ["GET ?", 400],
  ["GET /run/abc#/../../me", 400],
  ["GET /run/%2e%2e%2fme", 400],
  ["GET /run/..%2fme", 400],
  ["GET /run/%00", 400],
  ["GET /run/a%E2%80%AEb/io", 400],
  ["GET /run/a/io/..", 404],
  ["POST /run/../abort", 400],
  ["GET /app/my-app%2f..%2fother", 400],
  ["GET /app/MY-APP", 403],
  ["GET /app/my-app%00", 400],
  ["GET /app/my-app;x", 403],
  ["POST /app/my%2dapp%2fx/call?path=/", 400],
  ["POST /trigger/a/..%2fb/activate", 400],
  ["POST /trigger/a%2fb/activate", 404],
  ["POST /trigger/a/b/activate", 403],
  ["GET /prefetch/hf-model/..", 400],
  ["GET /prefetch/hf-model/%2e%2e/io", 400],
];

const row = ([line, status]: readonly [string, number]): HostileRow => ({
  name: line.slice(0, 60),
  line,
  status,
  ...(line.startsWith("POST") && { headers: json, body: "{}" }),
});

describeHostile("addresses of tasks that guards and routers read in different ways", [
  ...taskPaths.map(([path, status]) => row([`POST /run-task${path}`, status])),
]);

describeHostile("targets that are no plain path of an endpoint", targets.map(row));

test("a tunnel is not opened", async () => {
  await using webhook = await startFenced("problems");
  const socket = connect(Number(new URL(webhook.url).port), "127.0.0.1");
  socket.on("error", () => {}); // the server may reset it
  let answer = "";
  socket.on("data", (data) => {
    answer += String(data);
  });
  socket.write(`CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n${credential}\r\n\r\n`);
  await once(socket, "close");
  expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
  expect(webhook.stub.takeMethods()).toEqual([]);
  expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
});
