/** The API of OpenTelemetry, which does nothing in a process that has set up no SDK. */
export type OpenTelemetry = typeof import("@opentelemetry/api");
