// The tasks that ship with the package. Each export is deployed to the project `system`.
export { buildImage } from "./build-image/build-image.ts";
export { prefetchModel } from "./prefetch-model.ts";
