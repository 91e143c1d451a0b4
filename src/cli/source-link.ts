import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** Longest time for a question to git, in milliseconds. */
const longestMs = 10_000;

/**
 * The address of the commit that a file is of: `REMOTE/tree/HASH`. Undefined where git tells none, and
 * where the working tree differs from the commit, so that the address would show other sources.
 */
export async function findSourceLink(file: string): Promise<string | undefined> {
  const git = (...args: readonly string[]): Promise<string> => askGit(dirname(file), args);
  try {
    const commit = await git("rev-parse", "--verify", "HEAD");
    const changes = await git("status", "--porcelain", "--ignore-submodules=none");
    if (changes !== "") return undefined;
    const remotes = (await git("remote")).split("\n");
    const remote = remotes.includes("origin") ? "origin" : remotes[0];
    if (remote === undefined || remote === "") return undefined;
    return toSourceLink(await git("remote", "get-url", remote), commit);
  } catch {
    return undefined; // No git, no repository, or one without a commit.
  }
}

async function askGit(cwd: string, args: readonly string[]): Promise<string> {
  // What only asks must not write to the index, which others may be using.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: "0" };
  const options = { cwd, env, timeout: longestMs, maxBuffer: 16 * 1024 ** 2 };
  const { stdout } = await promisify(execFile)("git", [...args], options);
  return stdout.trim();
}

/**
 * The web address of a commit, by the address of a git remote in any of its forms. Undefined for those
 * that no browser opens. Users, passwords and ports of other protocols do not become part of it.
 */
export function toSourceLink(remote: string, commit: string): string | undefined {
  const [, host = "", path = ""] =
    /^(?:[^/@]+@)?([^/:@]{2,}):(?!:|\/\/)\/?(.+)$/.exec(remote) ?? [];
  const address = host === "" ? remote : `ssh://${host}/${path}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isWeb = /^https?:$/.test(url.protocol);
  if (!isWeb && !/^(?:git\+)?ssh:$|^git:$/.test(url.protocol)) return undefined;
  const place = url.pathname.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  // An @ there may end a password of an address that was not written as one.
  if (url.hostname === "" || place === "" || /@|%40/.test(place)) return undefined;
  const origin = isWeb ? `${url.protocol}//${url.host}` : `https://${url.hostname}`;
  return `${origin}/${place}/tree/${commit}`;
}
