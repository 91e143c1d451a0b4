export {
  type ActionIdentifier,
  ActionIdentifierSchema,
  type RunIdentifier,
} from "@flyteorg/flyteidl2/flyteidl2/common/identifier_pb.ts";
export {
  type EnrichedIdentity,
  EnrichedIdentitySchema,
} from "@flyteorg/flyteidl2/flyteidl2/common/identity_pb.ts";

export {
  type Filter,
  Filter_Function,
  FilterSchema,
  type ListRequest,
  ListRequestSchema,
  type Sort,
  Sort_Direction,
  SortSchema,
} from "@flyteorg/flyteidl2/flyteidl2/common/list_pb.ts";
export { ActionPhase } from "@flyteorg/flyteidl2/flyteidl2/common/phase_pb.ts";
