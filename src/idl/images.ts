export {
  ImageSpecSchema,
  type LayerSchema,
} from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";
export { ImageService } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/service_pb.ts";
