import type { ControlPlane } from "../../client/control-plane.ts";
import type { Image } from "../../client/image.ts";
import { loadImage } from "../../client/image-sources.ts";
import { isBaseImage, toImageName } from "../../client/image-tag.ts";
import { usesImages } from "../../client/uses-images.ts";
import { FlyteError } from "../../shared/errors.ts";
import { build } from "../image/build.ts";
import { waitForBuild } from "../image/wait-for-build.ts";
import type { DeployOptions } from "./deploy-options.ts";
import { isUnnamedWebhookImage, webhookImage } from "./webhook-image.ts";

/** The image that an app is deployed with. */
export interface DeployedImage {
  readonly uri: string;
  /**
   * `named`: by its name, and nobody has looked whether it is there. `ready`: the control plane or
   * Docker has it. `not_built`: it is made of layers that nobody has put together for this deployment.
   */
  readonly state: "named" | "ready" | "not_built";
}

/** Finds or builds the images of one deployment, each once. Tells what it does, and what it leaves. */
export class DeployedImages {
  readonly #controlPlane: ControlPlane;
  readonly #options: DeployOptions;
  readonly #images = new Map<Image, Promise<DeployedImage>>();
  #used: Promise<boolean> | undefined;
  #toldOfDefault = false;

  constructor(controlPlane: ControlPlane, options: DeployOptions) {
    this.#controlPlane = controlPlane;
    this.#options = options;
  }

  /**
   * @param given the image that an app asks for; without one it is that of this package
   * @throws FlyteError what keeps the image from being built
   */
  async find(given: Image | string | undefined): Promise<DeployedImage> {
    if (given === undefined) return this.#ownImage();
    if (typeof given === "string") return { uri: given, state: "named" };
    const found = this.#images.get(given) ?? this.#prepare(given);
    this.#images.set(given, found);
    return found;
  }

  async #ownImage(): Promise<DeployedImage> {
    const { webhookImage: uri = webhookImage(), dryRun = false } = this.#options;
    const isNamed = this.#options.webhookImage !== undefined || !isUnnamedWebhookImage();
    if (!isNamed && !dryRun && !this.#toldOfDefault && (await this.#usesImages())) {
      this.#toldOfDefault = true;
      this.#tell(
        `The image ${uri} has no registry: push it to where the cluster pulls from, and name it with image, webhookImage or FLYTE_WEBHOOK_IMAGE.`,
      );
    }
    return { uri, state: "named" };
  }

  async #prepare(image: Image): Promise<DeployedImage> {
    const { builder = "auto", dryRun = false } = this.#options;
    const loaded = loadImage(image.spec);
    const uri = toImageName(loaded);
    if (isBaseImage(loaded)) return { uri, state: "named" };
    if (dryRun) return { uri, state: "not_built" };
    if (builder === "none") return this.#leave(uri, 'builder is "none"');
    if (builder !== "auto") return this.#build(image, builder);
    if (!(await this.#usesImages())) {
      return this.#leave(uri, "the control plane runs apps without their images");
    }
    try {
      return await this.#build(image, "remote");
    } catch (error) {
      if (!FlyteError.is(error) || error.code !== "unimplemented") throw error;
      return this.#leave(uri, error.message);
    }
  }

  async #build(image: Image, builder: "remote" | "local"): Promise<DeployedImage> {
    const { project, domain, signal } = this.#options;
    const controlPlane = this.#controlPlane;
    if (builder === "local") {
      const push = image.spec.registry !== undefined;
      this.#tell(`The image ${image.uri} is built with Docker.`);
      const onOutput = (line: string): void => this.#tell(line);
      const own = signal && { signal };
      const { uri = image.uri } = await build(image.spec, { builder, push, onOutput, ...own });
      if (!push)
        this.#tell(`The image ${uri} has no registry: it stays with this machine's Docker.`);
      return { uri, state: "ready" };
    }
    const { name, uri, run } = await controlPlane.images.build(image.spec, {
      ...(project !== undefined && { project }),
      ...(domain !== undefined && { domain }),
      ...(signal && { signal }),
    });
    if (run === undefined) return { uri: uri ?? name, state: "ready" };
    this.#tell(`The image ${name} is built by the run ${run.name}: ${run.url}`);
    const built = await waitForBuild(controlPlane, run, {
      ...(signal && { signal }),
      onStatus: ({ phase }) => this.#tell(`The build of ${name} is ${phase}.`),
    });
    this.#tell(`The image ${name} is built: ${built}`);
    return { uri: built, state: "ready" };
  }

  #leave(uri: string, reason: string): DeployedImage {
    this.#tell(`The image ${uri} was not built: ${reason}.`.replace(/\.\.$/, "."));
    return { uri, state: "not_built" };
  }

  #usesImages(): Promise<boolean> {
    const { project, domain, signal } = this.#options;
    const scope = {
      ...(project !== undefined && { project }),
      ...(domain !== undefined && { domain }),
    };
    this.#used ??= usesImages(this.#controlPlane, scope, signal && { signal });
    return this.#used;
  }

  #tell(line: string): void {
    this.#options.onProgress?.(line);
  }
}
