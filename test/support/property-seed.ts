import fc from "fast-check";

// The gate looks at the same cases each time; FC_SEED chooses others, and `npm run fuzz` any.
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 2026) });
