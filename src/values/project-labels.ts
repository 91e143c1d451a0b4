/**
 * The label by which a control plane says in its projects that its apps run without their images. No
 * image has to be built for it.
 */
export const imagesLabel = { name: "flyte-webhook/images", ignored: "ignored" } as const;
