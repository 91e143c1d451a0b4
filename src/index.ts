import * as remote from "./client/remote/index.ts";

export { deploy } from "./app/deploy/deploy.ts";
export type { DeployedEnvironment } from "./app/deploy/deploy-apps.ts";
export type { DeployOptions } from "./app/deploy/deploy-options.ts";
export type { DeployedImage } from "./app/deploy/deployed-images.ts";
export { webhookImage } from "./app/deploy/webhook-image.ts";
export { AppEnvironment, type AppEnvironmentOptions } from "./app/environment/app-environment.ts";
export type { AppHooks } from "./app/environment/app-hooks.ts";
export type { AppContext } from "./app/environment/app-server.ts";
export { Domain, type DomainOptions } from "./app/environment/domain.ts";
export {
  FastifyAppEnvironment,
  type FastifyAppEnvironmentOptions,
} from "./app/environment/fastify-app-environment.ts";
export type { ServerHook } from "./app/environment/hook-server.ts";
export { Link, type LinkOptions } from "./app/environment/link.ts";
export { Port, type PortOptions } from "./app/environment/port.ts";
export { type Amount, Resources, type ResourcesOptions } from "./app/environment/resources.ts";
export {
  type Concurrency,
  type RequestRate,
  Scaling,
  type ScalingOptions,
} from "./app/environment/scaling.ts";
export { Secret, type SecretOptions } from "./app/environment/secret.ts";
export { Timeouts, type TimeoutsOptions } from "./app/environment/timeouts.ts";
export { type BuildImageOptions, build, type StartedBuild } from "./app/image/build.ts";
export { AppEndpoint, type AppEndpointOptions } from "./app/parameters/app-endpoint.ts";
export { getParameter } from "./app/parameters/get-parameter.ts";
export { Parameter, type ParameterOptions } from "./app/parameters/parameter.ts";
export type {
  DirectoryReference,
  FileReference,
  ParameterType,
  ParameterValue,
} from "./app/parameters/parameter-value.ts";
export {
  RunOutput,
  type RunOutputOptions,
  type RunOutputType,
} from "./app/parameters/run-output.ts";
export type { PassthroughOptions } from "./app/passthrough/admission.ts";
export {
  type CookieExtractorOptions,
  cookieExtractor,
  type MappedCookieOptions,
} from "./app/passthrough/cookie-extractor.ts";
export type {
  Credential,
  CredentialExtractor,
  CredentialFunction,
  CredentialRequest,
} from "./app/passthrough/credential-extractor.ts";
export type { ExcludedPath } from "./app/passthrough/excluded-paths.ts";
export type { PassthroughLogger } from "./app/passthrough/extractor-failure.ts";
export {
  authorizationExtractor,
  type HeaderExtractorOptions,
  headerExtractor,
} from "./app/passthrough/extractors.ts";
export { honoPassthrough } from "./app/passthrough/hono-passthrough.ts";
export {
  type PassthroughAuthOptions,
  passthroughAuth,
} from "./app/passthrough/passthrough-auth.ts";
export { passthroughMiddleware } from "./app/passthrough/passthrough-middleware.ts";
export { withPassthrough } from "./app/passthrough/with-passthrough.ts";
export type { AppHandle, ToggleOptions } from "./app/serve/app-handle.ts";
export { type EndpointOptions, endpointOf } from "./app/serve/endpoint-of.ts";
export { serve } from "./app/serve/serve.ts";
export type { ParameterValues, ServeOptions } from "./app/serve/serve-options.ts";
export type {
  AppCalls,
  AppCondition,
  AppLogLine,
  AppLogsOptions,
  AppPhase,
  AppRef,
  AppStatus,
  AppSubstate,
  DeployAppOptions,
  DeployedApp,
  ListAppsOptions,
  ToggleAppOptions,
} from "./client/app-calls.ts";
export type {
  AppContainer,
  AppInput,
  AppLink,
  AppResources,
  AppSecret,
  AppSpec,
} from "./client/app-spec.ts";
export { type AuthMetadata, authMetadata } from "./client/auth-metadata.ts";
export type { CallObserver, CallOutcome, CallWatch, ObservedCall } from "./client/call-observer.ts";
export type { ConditionCalls, ConditionRef, ConditionStatus } from "./client/condition-calls.ts";
export type {
  CallOptions,
  ControlPlane,
  RunIo,
  RunOptions,
  RunRef,
  RunStatus,
  Scope,
  TaskCalls,
  TaskDetails,
  TaskOverrides,
  TaskRef,
  TaskSummary,
  User,
  UserCalls,
  WaitOptions,
} from "./client/control-plane.ts";
export { createControlPlane } from "./client/create-control-plane.ts";
export {
  type DebianBaseOptions,
  Image,
  type ImageOptions,
  type NodeBaseOptions,
  type NpmOptions,
  type PipOptions,
  type SourceFileOptions,
  type SourceFolderOptions,
} from "./client/image.ts";
export type {
  BuildOptions,
  ImageBuild,
  ImageCalls,
  ImageLayer,
  ImageSpec,
} from "./client/image-calls.ts";
export {
  init,
  initFromApiKey,
  initFromConfig,
  initInCluster,
  initPassthrough,
} from "./client/init.ts";
export {
  closeControlPlane,
  currentControlPlane,
  currentDomain,
  currentProject,
} from "./client/init-current.ts";
export type { ConnectOptions, InitOptions, PassthroughInitOptions } from "./client/init-options.ts";
export type { Authenticator, ControlPlaneOptions } from "./client/options.ts";
export { run } from "./client/remote/start-run.ts";
export type { LogLine, RunCalls, RunLogOptions } from "./client/run-calls.ts";
export type { RunHistory, RunTransition } from "./client/run-history.ts";
export type {
  SecretCalls,
  SecretRef,
  SecretScope,
  SecretStatus,
  SecretValue,
} from "./client/secret-calls.ts";
export type {
  FireOptions,
  TriggerCalls,
  TriggerDeployment,
  TriggerRef,
  TriggerRevision,
  TriggerSchedule,
  TriggerStatus,
  TriggerSummary,
} from "./client/trigger-calls.ts";
export {
  type Fault,
  FlyteError,
  type FlyteErrorCode,
} from "./shared/errors.ts";
export type { JsonObject, JsonValue } from "./shared/json.ts";
export type { Phase } from "./values/phases.ts";
export { createWebhook } from "./webhook/create-webhook.ts";
export type { EndpointGroup, EndpointName } from "./webhook/endpoint.ts";
export {
  FlyteWebhookAppEnvironment,
  type FlyteWebhookAppEnvironmentOptions,
} from "./webhook/flyte-webhook-app-environment.ts";
export type {
  Hook,
  HookDecision,
  HookOptions,
  HookRefusal,
  HookSecrets,
  HookStart,
  RunAs,
} from "./webhook/hooks/hook.ts";
export type {
  DeliveryReading,
  HookEvent,
  HookOutcome,
  HookProvider,
  RawDelivery,
  UnsignedDelivery,
} from "./webhook/hooks/provider.ts";
export type { CloudEventPayload } from "./webhook/hooks/providers/cloud-event-message.ts";
export {
  type CloudEvent,
  type CloudEventsHandshake,
  type CloudEventsHookOptions,
  type CloudEventsProof,
  cloudEvents,
} from "./webhook/hooks/providers/cloud-events.ts";
export { type GitHubHookOptions, github } from "./webhook/hooks/providers/github.ts";
export type { GitHubEvent } from "./webhook/hooks/providers/github-events.ts";
export { type GitLabHookOptions, gitlab } from "./webhook/hooks/providers/gitlab.ts";
export type { GitLabEvent } from "./webhook/hooks/providers/gitlab-events.ts";
export {
  type HmacEvent,
  type HmacEventOptions,
  type HmacHookOptions,
  hmac,
} from "./webhook/hooks/providers/hmac.ts";
export type { HmacScheme } from "./webhook/hooks/providers/hmac-scheme.ts";
export type { ToleranceOptions } from "./webhook/hooks/providers/sent-at.ts";
export { type SlackHookOptions, slack } from "./webhook/hooks/providers/slack.ts";
export type { SlackEvent } from "./webhook/hooks/providers/slack-events.ts";
export {
  type StandardWebhookEvent,
  type StandardWebhooksHookOptions,
  standardWebhooks,
} from "./webhook/hooks/providers/standard-webhooks.ts";
export {
  type StripeEvent,
  type StripeHookOptions,
  type StripePayload,
  stripe,
} from "./webhook/hooks/providers/stripe.ts";
export type { RecordedDelivery } from "./webhook/hooks/recorded-delivery.ts";
export {
  type DeliveryRequest,
  type ReplayedDelivery,
  type ReplayOptions,
  replayDelivery,
} from "./webhook/hooks/replay-delivery.ts";
export type { WebhookOptions } from "./webhook/options.ts";
export type { ProblemDocument } from "./webhook/problem.ts";
export type { ProblemCode } from "./webhook/problem-codes.ts";
export { type ProblemDocumentOptions, problemDocument } from "./webhook/problem-document.ts";
export type { RateText } from "./webhook/rate-limits/rate.ts";
export type { RateLimitOptions } from "./webhook/rate-limits/rate-limit-options.ts";
export type { RedisLimitOptions } from "./webhook/rate-limits/redis-options.ts";
export { remote };
