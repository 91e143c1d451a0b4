// The tasks that ship with the package. Each export is deployed to the project `system`.
export { prefetchModel } from "./prefetch-model.ts";
