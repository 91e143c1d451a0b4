import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** IPv4 first: servers of this project listen there unless told otherwise. */
const loopback: readonly LookupAddress[] = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];

/**
 * Finds the addresses of a host, as connections ask for them. Names below `localhost` are this
 * machine, whatever the resolver says of them: most know only `localhost` itself, and one that sends
 * them elsewhere must not be believed (RFC 6761, 6.3).
 */
export const lookupHost: LookupFunction = (hostname, options, callback) => {
  if (!isBelowLocalhost(hostname)) return void lookup(hostname, options, callback);
  const family = toFamily(options);
  const found = loopback.filter((each) => family === 0 || each.family === family);
  const [first] = found;
  // As the resolver does it: never before the caller goes on.
  process.nextTick(() => {
    if (options.all === true) callback(null, [...found]);
    else callback(null, first?.address ?? "", first?.family);
  });
};

/** Whether a name stands for this machine as a name below `localhost`, with or without a final dot. */
function isBelowLocalhost(hostname: string): boolean {
  return /\.localhost\.?$/i.test(hostname);
}

function toFamily({ family }: LookupOptions): 0 | 4 | 6 {
  if (family === 4 || family === "IPv4") return 4;
  return family === 6 || family === "IPv6" ? 6 : 0;
}
