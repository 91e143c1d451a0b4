import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { toCredentialHeaders } from "../../client/credential-headers.ts";
import { FlyteError } from "../../shared/errors.ts";

/** Who the control plane takes a credential for. */
export interface Subject {
  /** Its own, lasting id of the user; undefined where it knows no users. */
  readonly subject: string | undefined;
  /** For people; empty where there is none. */
  readonly name: string;
}

/** Asks the control plane who is who, and remembers the answers for a short time. */
export interface Subjects {
  /**
   * Whose a credential is. Requests with the same one share one question.
   *
   * @throws FlyteError what the control plane answered: `unauthenticated` for a credential it does not accept,
   * `unavailable` and the like where it could not tell. Failures are not remembered.
   */
  subjectOf(auth: AuthMetadata | null | undefined): Promise<Subject>;
}

export interface SubjectsOptions {
  /** How long an answer is believed, in milliseconds. @default 300000 */
  readonly ttlMs?: number;
  /** How many answers are kept. @default 10000 */
  readonly most?: number;
  /** Milliseconds of a clock that only goes forward. @default performance.now */
  readonly now?: () => number;
}

/**
 * The subjects of one control plane. Credentials are known again by an HMAC under a key that is random and never
 * leaves the process, and kept in no other form. An answer decides no access: each call to the control plane
 * carries the credential itself.
 */
export function createSubjects(
  { users }: Pick<ControlPlane, "users">,
  { ttlMs = 300_000, most = 10_000, now = () => performance.now() }: SubjectsOptions = {},
): Subjects {
  const key = randomBytes(32);
  const known = new LRUCache<string, Subject>({
    max: most,
    ttl: ttlMs,
    perf: { now },
    ttlResolution: 0,
  });
  const asked = new Map<string, Promise<Subject>>();
  let hasNamedSomebody = false;

  const ask = async (auth: AuthMetadata | null | undefined): Promise<Subject> => {
    try {
      const { subject, name } = await users.me(auth ? { auth } : {});
      hasNamedSomebody ||= subject !== "";
      return { subject: subject === "" ? undefined : subject, name };
    } catch (cause) {
      if (!FlyteError.is(cause) || cause.code !== "unimplemented") throw cause;
      if (!hasNamedSomebody) return { subject: undefined, name: "" };
      // An ingress says the same of a service that is being replaced.
      const message = "The control plane knows its users, but cannot name them at the moment.";
      throw new FlyteError("unavailable", message, { cause });
    }
  };

  return {
    async subjectOf(auth) {
      const headers = JSON.stringify(toCredentialHeaders(auth ?? undefined));
      const id = createHmac("sha256", key).update(headers).digest("base64");
      const found = known.get(id);
      if (found !== undefined) return found;
      let answer = asked.get(id);
      if (answer === undefined) {
        answer = ask(auth)
          .then((subject) => {
            known.set(id, subject);
            return subject;
          })
          .finally(() => asked.delete(id));
        asked.set(id, answer);
      }
      return answer;
    },
  };
}
