import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { BlockList, isIPv6, type Socket } from "node:net";
import { networkOf } from "../rate-limits/caller-keys.ts";
import type { ResolvedOptions } from "../resolve-options.ts";

type ConnectionBounds = Pick<
  ResolvedOptions,
  "maxConnections" | "maxConnectionsPerAddress" | "trustedProxies" | "writeTimeoutMs"
>;

/**
 * Bounds what connections can hold: how many there are, how many of one address, and how long an answer
 * waits for who does not read it. What was sent stays readable; what is refused is closed without a word, as
 * nothing was asked yet.
 */
export function boundConnections(server: Server, bounds: ConnectionBounds): void {
  server.maxConnections = bounds.maxConnections;
  if (bounds.maxConnectionsPerAddress < bounds.maxConnections) boundPerAddress(server, bounds);
  cutStalled(server, bounds.writeTimeoutMs);
}

function boundPerAddress(
  server: Server,
  { maxConnectionsPerAddress: most, trustedProxies }: ConnectionBounds,
): void {
  const isProxy = matchAddresses(trustedProxies);
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || isProxy(remoteAddress)) return;
    const network = networkOf(remoteAddress);
    const count = open.get(network) ?? 0;
    if (count >= most) {
      socket.destroy();
      return;
    }
    open.set(network, count + 1);
    socket.once("close", () => {
      const left = (open.get(network) ?? 0) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}

/** Whether an address is one of these, or in one of these ranges. */
function matchAddresses(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/**
 * Closes connections whose answer nobody reads. Node.js tells when nothing came or went for so long, and counts
 * bytes that leave slowly as going; a request that is being worked on is let be.
 */
function cutStalled(server: Server, writeTimeoutMs: number): void {
  server.setTimeout(writeTimeoutMs);
  /** The answer to the last request of each: those before it are sent before it. */
  const last = new WeakMap<Socket, ServerResponse>();
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    last.set(socket, response);
  });
  server.on("timeout", (socket: Socket) => {
    const isAnswering = last.get(socket)?.writableFinished === false;
    if (isAnswering && socket.writableLength === 0) socket.setTimeout(writeTimeoutMs);
    else socket.destroy();
  });
}
