/**
 * What stands in the place of the console where it is not built, as in a checkout whose command was not
 * started by `npm start`. It holds nothing of the request and no data, so it needs no credential.
 */
export const unbuiltPage: string = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Flyte devbox</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:4rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;background:#8882}</style>
<h1>Flyte devbox</h1>
<p>The console is not built here. In a checkout, build it and load this page again:</p>
<pre>npm run console</pre>
<p>Without it, read a run with its name, the last part of the address:</p>
<pre>flyte-webhook get run NAME

curl -H "Authorization: Bearer KEY" http://127.0.0.1:8080/run/NAME</pre>
</html>
`;

/** Headers of {@link unbuiltPage}: no script, no frame, nothing from elsewhere. */
export const unbuiltPageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};
