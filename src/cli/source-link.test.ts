import fc from "fast-check";
import { expect, test } from "vitest";
import { toSourceLink } from "./source-link.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

test.each<[string, string | undefined]>([
  ["https://git.example.com/me/app.git", "https://git.example.com/me/app"],
  ["https://git.example.com/me/app/", "https://git.example.com/me/app"],
  ["https://me:secret@git.example.com/me/app.git", "https://git.example.com/me/app"],
  ["https://secret@git.example.com:8443/me/app", "https://git.example.com:8443/me/app"],
  ["https://git.example.com/me/app.git?token=secret#x", "https://git.example.com/me/app"],
  ["git@git.example.com:me/app.git", "https://git.example.com/me/app"],
  ["git.example.com:me/group/app.git", "https://git.example.com/me/group/app"],
  ["ssh://git@git.example.com:2222/me/app.git", "https://git.example.com/me/app"],
  ["git://git.example.com/me/app.git", "https://git.example.com/me/app"],
  ["/srv/git/app.git", undefined],
  ["../app", undefined],
  ["file:///srv/git/app.git", undefined],
  ["C:\\git\\app", undefined],
  ["ext::sh -c touch x", undefined],
  ["https://git.example.com/", undefined],
  ["", undefined],
])("%j", (remote, place) => {
  const link = place === undefined ? undefined : `${place}/tree/${commit}`;
  expect(toSourceLink(remote, commit)).toBe(link);
});

test("no link holds a user or a password, whatever the remote", () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9%._~+-]{1,12}$/);
  const scheme = fc.constantFrom("https://", "http://", "ssh://", "git://", "");
  const separator = fc.constantFrom("/", ":", ":2222/");
  fc.assert(
    fc.property(scheme, word, word, word, separator, (start, user, password, path, between) => {
      const remote = `${start}${user}:TOP${password}@host.example.com${between}me/${path}.git`;
      expect(toSourceLink(remote, commit) ?? "").not.toContain(`TOP${password}`);
    }),
  );
});
