/** Addresses are relative, so that the pages also work behind a path prefix. */
export const swaggerInit = `window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#root",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
`;

export const redocInit = `Redoc.init("openapi.json", {}, document.getElementById("root"));
`;

/** What the pages may load: their own files, nothing from elsewhere. */
export const pagePolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** A page that loads these files, in order. */
export function renderPage(
  title: string,
  styles: readonly string[],
  scripts: readonly string[],
): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    '<link rel="icon" href="data:,">',
    ...styles.map((href) => `<link rel="stylesheet" href="${escapeHtml(href)}">`),
    "</head>",
    "<body>",
    '<div id="root"></div>',
    ...scripts.map((source) => `<script src="${escapeHtml(source)}"></script>`),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
