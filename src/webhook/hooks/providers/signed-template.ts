import { FlyteError } from "../../../shared/errors.ts";
import type { HmacScheme } from "./hmac-scheme.ts";

/** What may stand in a template. */
export interface SignedParts {
  readonly body: Uint8Array;
  readonly timestamp: string | undefined;
  readonly id: string | undefined;
}

/** The text that is signed, with places for what differs. */
export interface SignedTemplate {
  readonly hasId: boolean;
  fill(parts: SignedParts): Uint8Array;
}

const place = /(\{[^{}]*\})/;

/** @throws FlyteError `invalid_config` naming the hook and what the template lacks */
export function readSignedTemplate(
  hook: string,
  {
    signed,
    timestampHeader,
    idHeader,
  }: Pick<HmacScheme, "signed" | "timestampHeader" | "idHeader">,
): SignedTemplate {
  const template = signed ?? (timestampHeader === undefined ? "{body}" : "{timestamp}.{body}");
  const pieces = String(template).split(place);
  const count = (name: string): number => pieces.filter((piece) => piece === name).length;
  const fault = (problem: string): FlyteError =>
    new FlyteError(
      "invalid_config",
      `Hook "${hook}": signed is ${JSON.stringify(template)}, but ${problem}. Write a text such as "{timestamp}.{body}".`,
    );
  const known = ["{body}", "{timestamp}", "{id}"];
  const unknown = pieces.find((piece) => place.test(piece) && !known.includes(piece));
  if (unknown !== undefined) throw fault(`nothing is known of ${unknown}`);
  if (count("{body}") !== 1) throw fault("{body} must stand there once");
  if (timestampHeader === undefined && count("{timestamp}") > 0) {
    throw fault("no timestampHeader is given");
  }
  if (timestampHeader !== undefined && count("{timestamp}") === 0) {
    throw fault("a time that is not signed proves nothing: {timestamp} is missing");
  }
  if (idHeader === undefined && count("{id}") > 0) throw fault("no idHeader is given");
  return {
    hasId: count("{id}") > 0,
    fill: ({ body, timestamp, id }) =>
      Buffer.concat(
        pieces.map((piece) => {
          if (piece === "{body}") return body;
          if (piece === "{timestamp}") return Buffer.from(timestamp ?? "");
          return Buffer.from(piece === "{id}" ? (id ?? "") : piece);
        }),
      ),
  };
}
