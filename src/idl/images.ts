export {
  type ImageSpec,
  ImageSpecSchema,
  type Layer,
  type LayerSchema,
} from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";
export { GetImageResponseSchema } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/payload_pb.ts";
export { ImageService } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/service_pb.ts";
