import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type App, AppSchema } from "../../../../src/idl/apps.ts";
import { toAddress, toCurl, toLinks } from "./app-address.ts";

const publicUrl = "http://site-p-d.localhost:30081";

function app(links: { path: string; isRelative: boolean }[], allowAnonymous = false): App {
  return create(AppSchema, {
    spec: {
      securityContext: { allowAnonymous },
      links: links.map((link) => ({ ...link, title: "Title" })),
    },
    status: { ingress: { publicUrl } },
  });
}

test("an app that has no address cannot be called", () => {
  const stopped = create(AppSchema, { spec: { links: [{ path: "/docs", isRelative: true }] } });
  expect([toAddress(stopped), toCurl(stopped)]).toEqual([undefined, undefined]);
  expect(toLinks(stopped)).toEqual([{ title: "/docs", path: "/docs", href: undefined }]);
});

test("the curl line has a credential where one is needed", () => {
  expect(toCurl(app([]))).toBe(`curl -H "Authorization: Bearer $FLYTE_API_KEY" ${publicUrl}/`);
  expect(toCurl(app([], true))).toBe(`curl ${publicUrl}/`);
});

test.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "not an address"])(
  "nothing opens %s",
  (path) => {
    const hostile = create(AppSchema, { status: { ingress: { publicUrl: path } } });
    expect(toAddress(hostile)).toBeUndefined();
    expect(toLinks(app([{ path, isRelative: false }]))[0]?.href).toBeUndefined();
  },
);

test("a link within the app never leads to another host", () => {
  expect(toLinks(app([{ path: "/docs?a=1#b", isRelative: true }]))[0]?.href).toBe(
    `${publicUrl}/docs?a=1#b`,
  );
  const hostile = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("/", "\\", "@", ":", ".", "e", "?", "#", "\t", "%2f") }),
  );
  fc.assert(
    fc.property(hostile, (path) => {
      const [link] = toLinks(app([{ path, isRelative: true }]));
      return link?.href === undefined || new URL(link.href).origin === publicUrl;
    }),
  );
});
