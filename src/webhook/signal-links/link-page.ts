import { createHash } from "node:crypto";
import type { ConditionStatus } from "../../client/condition-calls.ts";
import type { JsonValue } from "../../shared/json.ts";
import { escapeHtml } from "../docs/pages.ts";

const style = `body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}
h1{font-size:1.25rem}p{white-space:pre-wrap;overflow-wrap:anywhere}small{color:#5f5f6b}
button{font:inherit;padding:.5rem 1.25rem;margin:0 .5rem .5rem 0;cursor:pointer}
input,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;margin-bottom:1rem}
[role=alert]{color:#a1160a}`;

/** What the page may do: show itself and send its own form. */
export const linkPagePolicy: string = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

function page(title: string, body: readonly string[]): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${show(title)}</title>`,
    '<link rel="icon" href="data:,">',
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    ...body,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** Text of others as text: no markup, and nothing that turns it around or hides in it. */
function show(text: string): string {
  return escapeHtml(text.replaceAll(/[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/gu, ""));
}

/** The page that asks; opening it changes nothing. */
export function askPage(
  condition: ConditionStatus,
  fixed: JsonValue | undefined,
  fault?: string,
): string {
  const { prompt, description, run, name } = condition;
  return page("A run waits for you", [
    "<h1>A run waits for you</h1>",
    `<p>${show(prompt === "" ? name : prompt)}</p>`,
    ...(description === "" ? [] : [`<p>${show(description)}</p>`]),
    ...(fault === undefined ? [] : [`<p role="alert">${show(fault)}</p>`]),
    '<form method="post">',
    ...fields(condition.type, fixed),
    "</form>",
    `<p><small>Condition ${show(name)} of run ${show(run)}. This link can be used once.</small></p>`,
  ]);
}

function fields(type: ConditionStatus["type"], fixed: JsonValue | undefined): readonly string[] {
  if (fixed !== undefined) {
    const words = fixed === true ? "Yes" : fixed === false ? "No" : `Send ${String(fixed)}`;
    return [`<button>${show(words)}</button>`];
  }
  if (type === "boolean") {
    return [
      '<button name="value" value="true">Yes</button>',
      '<button name="value" value="false">No</button>',
    ];
  }
  const label = 'aria-label="Your answer" name="value" required';
  const input =
    type === "integer" || type === "float"
      ? `<input ${label} inputmode="${type === "integer" ? "numeric" : "decimal"}" autocomplete="off">`
      : '<textarea aria-label="Your answer" name="value" rows="4" maxlength="4096"></textarea>';
  return [input, "<button>Send</button>"];
}

/** A page that only says something. */
export function notePage(title: string, text: string): string {
  return page(title, [`<h1>${show(title)}</h1>`, `<p>${show(text)}</p>`]);
}
