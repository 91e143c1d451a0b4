import type { Parameter } from "../parameters.ts";

/** Whom to tell of the end of the run that the request starts. */
export const callbackUrl: Parameter = {
  name: "callback_url",
  description:
    "Where a signed POST tells of the end of the run. The operator says which hosts may be called back.",
  kind: "text",
  place: "query",
  added: true,
};
