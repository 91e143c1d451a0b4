import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arriving,
  now,
  prove,
  reading,
  type Scheme,
  schemes,
} from "../../../../test/support/hook-deliveries.ts";
import "../../../../test/support/property-seed.ts";
import { inspect } from "node:util";

const cases = schemes.map((scheme) => [scheme.name, scheme] as const);

/** Each text that differs in one byte, with a few bytes in its place. */
function* changesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
      const changed = String.fromCharCode(text.charCodeAt(at) ^ bit);
      yield text.slice(0, at) + changed + text.slice(at + 1);
    }
    yield text.slice(0, at) + text.slice(at + 1);
    yield `${text.slice(0, at)}0${text.slice(at)}`;
  }
  yield `${text}0`;
}

/** Names of schemes (RFC 9110, section 11.1) are the same in any case. */
function isSame(header: string, one: string, other: string): boolean {
  if (header !== "authorization") return false;
  const [scheme = "", ...token] = one.split(" ");
  const [otherScheme = "", ...otherToken] = other.split(" ");
  return (
    scheme.toLowerCase() === otherScheme.toLowerCase() && token.join(" ") === otherToken.join(" ")
  );
}

const badSignatures: readonly string[] = [
  "",
  "0",
  "x".repeat(70),
  "0".repeat(71),
  "0".repeat(72),
  `sha256=${"z".repeat(64)}`,
  `sha256=${"0".repeat(64)}`,
  `sha256=${"0".repeat(128)}`,
  "sha256=",
  "v0=",
  "v1,",
  "v1=",
  "t=,v1=",
  "t=1,t=2,v1=0",
  "=,=,=",
  "v1a,AAAA",
  `v1a,${"A".repeat(86)}==`,
  " ".repeat(100),
  "ü".repeat(71),
  "\u00ff\u0000\u0080",
  "✓".repeat(32),
  Array.from({ length: 1_000 }, () => "v1,AAAA").join(" "),
  Array.from({ length: 1_000 }, () => "v1=00").join(","),
  "sha256=a, sha256=b",
  "Bearer",
  "Bearer  ",
  "Basic YTpi",
];

const badTimes: readonly string[] = [
  "",
  "0",
  "-1",
  "1e9",
  "0x5f5e100",
  "NaN",
  "Infinity",
  " 1763726400",
  "01763726400",
  "1763726400.0",
  "1763726400000",
  "99999999999999999999",
  "9".repeat(400),
  "２０２６",
  "now",
];

describe.each(cases)("%s", (_, scheme: Scheme) => {
  const { provider: create, secret, headers, body } = scheme;
  const provider = create(secret(1));
  const signed = prove(scheme, provider);

  test("reads what it has signed", () => {
    const read = reading(provider, { headers: signed, body });
    expect(read).toMatchObject({
      kind: "event",
      event: { provider: provider.provider, type: scheme.type, id: scheme.id, secret: "0" },
    });
    if (read.kind !== "event") return;
    expect(read.event.sentAt).toEqual(scheme.time === undefined ? undefined : now);
  });

  test("takes no delivery without its proof", () => {
    expect(reading(provider, { headers, body }).kind).toBe("refused");
  });

  test.each(scheme.proof)("refuses every change of a byte of %s", (name) => {
    const right = signed[name] ?? "";
    let tried = 0;
    for (const changed of changesOf(right)) {
      if (isSame(name, changed, right)) continue;
      const read = reading(provider, { headers: { ...signed, [name]: changed }, body });
      expect(read.kind, JSON.stringify(changed)).toBe("refused");
      tried += 1;
    }
    expect(tried).toBeGreaterThan(20);
  });

  test.runIf(scheme.signsBody)("refuses every change of a byte of the body", () => {
    for (const changed of changesOf(body)) {
      const bytes = Buffer.from(changed, "latin1");
      const read = reading(provider, { headers: signed, body: bytes });
      expect(read.kind, JSON.stringify(changed)).toBe("refused");
    }
  });

  test.each(scheme.proof)("refuses the header %s when it comes twice or not at all", (name) => {
    const value = signed[name] ?? "";
    const { [name]: _left, ...others } = signed;
    const twice = { ...signed, [name]: [value, value] };
    expect(reading(provider, { headers: twice, body })).toEqual({
      kind: "refused",
      reason: `The header ${name} came more than once.`,
    });
    expect(reading(provider, { headers: others, body }).kind).toBe("refused");
  });

  test.each(scheme.proof)("refuses whatever a stranger writes into %s", (name) => {
    for (const value of badSignatures) {
      const read = reading(provider, { headers: { ...signed, [name]: value }, body });
      expect(read.kind, value.slice(0, 80)).toBe("refused");
    }
  });

  test("signs and reads any body by any secret, and no other secret's", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(),
        fc.nat(),
        (bytes, number, otherNumber) => {
          fc.pre(number !== otherNumber);
          const [mine, other] = [create(secret(number)), create(secret(otherNumber))];
          const proved = mine.sign({ headers, body: bytes, sentAt: now });
          // A body of any bytes is seldom one that is understood, but always one that is proved.
          expect(["event", "malformed", "answer"]).toContain(
            reading(mine, { headers: proved, body: bytes }).kind,
          );
          expect(reading(other, { headers: proved, body: bytes }).kind).toBe("refused");
        },
      ),
      { numRuns: 60 },
    );
  });

  test("never throws, whatever headers and bodies come", () => {
    const names = [...Object.keys(signed), "svix-id", "svix-timestamp", "svix-signature", "ce-id"];
    const value = fc.oneof(
      fc.constantFrom(...badSignatures, ...badTimes, ...Object.values(signed)),
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.constant(["twice", "twice"]),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), value),
        fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.constant(Buffer.from(body))),
        fc.constantFrom("POST", "OPTIONS"),
        (given, bytes, method) => {
          const read = reading(provider, { headers: given, body: bytes, method });
          expect(["event", "refused", "malformed", "answer"]).toContain(read.kind);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("understands or gives up every body that is proved", () => {
    const mediaType = fc.constantFrom(
      "application/json",
      "application/json; charset=utf-8",
      "application/x-www-form-urlencoded",
      "application/cloudevents+json",
      "application/cloudevents-batch+json",
      "text/plain",
      "",
    );
    const content = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }),
      fc.webQueryParameters(),
      fc.json().map((text) => `payload=${encodeURIComponent(text)}`),
    );
    fc.assert(
      fc.property(mediaType, content, (type, text) => {
        const bytes = Buffer.from(text);
        const all = { ...headers, "content-type": type };
        const proved = provider.sign({ headers: all, body: bytes, sentAt: now });
        const read = reading(provider, { headers: proved, body: bytes });
        expect(["event", "malformed", "answer"]).toContain(read.kind);
      }),
      { numRuns: 200 },
    );
  });

  test("takes both secrets while one takes the place of the other, and tells which has signed", () => {
    const [old, next] = [secret(1), secret(2)];
    const both = create({ next, old });
    const secretOf = (by: string) => {
      const read = reading(both, { headers: prove(scheme, create(by)), body });
      return read.kind === "event" ? read.event.secret : read.kind;
    };
    expect([secretOf(old), secretOf(next), secretOf(secret(3))]).toEqual([
      "old",
      "next",
      "refused",
    ]);
    const without = create([next]);
    expect(reading(without, { headers: prove(scheme, create(old)), body }).kind).toBe("refused");
  });

  test("signs by the first secret", () => {
    const proved = prove(scheme, create([secret(5), secret(6)]));
    expect(reading(create(secret(5)), { headers: proved, body }).kind).toBe("event");
  });

  test.each([
    ["is missing", undefined],
    ["is empty", ""],
    ["is an empty list", []],
    ["is an empty record", {}],
    ["is empty in a list", ["", ""]],
    ["is missing in a record", { old: undefined }],
    ["is too short", "kurz"],
    ["is no text", 7],
    ["ends with a line break", `${secret(1)}\n`],
  ])("does not come to be when the secret %s", (__, given) => {
    // What a program without types hands over.
    const construct = () => create(given as string);
    expect(construct).toThrow(expect.objectContaining({ code: "invalid_config" }));
    expect(construct).toThrow(/^Hook "[a-z-]+": /);
    expect(construct).not.toThrow(/kurz|a secret that|whsec_\w{4}/);
  });

  test("shows no secret to those who print it", () => {
    const options = { depth: 10, showHidden: true, getters: true };
    const shown = inspect(create({ mine: secret(1) }), options) + JSON.stringify(provider);
    expect(shown).not.toContain(secret(1));
    expect(shown).not.toContain(secret(1).slice(6));
  });

  test.runIf(scheme.time !== undefined)("refuses times that are far from now, or none", () => {
    const at = (seconds: number) => {
      const time = new Date(now.getTime() + seconds * 1_000);
      const read = reading(provider, { headers: prove(scheme, provider, time), body });
      return read.kind === "refused" ? read.reason.replace(/:.*/, "") : read.kind;
    };
    expect([at(0), at(-300), at(300)]).toEqual(["event", "event", "event"]);
    expect([at(-301), at(-1e6)]).toEqual(["The signature is too old", "The signature is too old"]);
    expect([at(301), at(1e6)]).toEqual([
      "The signature is too far in the future",
      "The signature is too far in the future",
    ]);
    for (const seconds of badTimes) {
      const changed = scheme.time?.(signed, seconds) ?? signed;
      expect(reading(provider, { headers: changed, body }).kind, seconds).toBe("refused");
    }
  });

  test("keeps no header that proves, but all that tell", () => {
    const names = arriving({ headers: signed, body }).headerNames;
    const kept = names.filter((name) => provider.mayKeepHeader(name));
    const secretOnes = scheme.proof.filter((name) => !/-id$/.test(name));
    expect(kept.filter((name) => secretOnes.includes(name))).toEqual([]);
    const telling = Object.keys(headers).filter((name) => name !== "content-type");
    expect(telling.filter((name) => !kept.includes(name))).toEqual([]);
  });
});
