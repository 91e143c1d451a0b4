import type { Endpoint } from "../endpoint.ts";
import { anything, flag, integer, object, text } from "../json-schema.ts";
import {
  bodyParameter,
  requiredText,
  scope,
  switchParameter,
  textParameter,
} from "../parameters.ts";

const appUrl = "https://flyte.example.com/v2/domain/development/project/flytesnacks/apps/my-app";

/** The endpoints of the group `app`. */
export const appEndpoints: readonly Endpoint[] = [
  {
    name: "get_app",
    group: "app",
    method: "GET",
    path: "/app/{name}",
    summary: "Read the state of an app",
    parameters: scope,
    answer: object({
      name: text,
      revision: integer,
      endpoint: text,
      is_active: flag,
      is_deactivated: flag,
      url: text,
    }),
    example: {
      name: "my-app",
      revision: 3,
      endpoint: "https://my-app.example.com",
      is_active: true,
      is_deactivated: false,
      url: appUrl,
    },
    fence: "app",
  },
  {
    name: "activate_app",
    group: "app",
    method: "POST",
    path: "/app/{name}/activate",
    summary: "Switch an app on",
    parameters: [...scope, switchParameter("wait", "Answer only when the app is active.")],
    bodyExample: { wait: true },
    answer: object({ name: text, is_active: flag, endpoint: text, url: text }),
    example: {
      name: "my-app",
      is_active: true,
      endpoint: "https://my-app.example.com",
      url: appUrl,
    },
    fence: "app",
  },
  {
    name: "deactivate_app",
    group: "app",
    method: "POST",
    path: "/app/{name}/deactivate",
    summary: "Switch an app off",
    parameters: [...scope, switchParameter("wait", "Answer only when the app is off.")],
    bodyExample: { wait: true },
    answer: object({ name: text, is_active: flag, is_deactivated: flag, url: text }),
    example: { name: "my-app", is_active: false, is_deactivated: true, url: appUrl },
    fence: "app",
  },
  {
    name: "call_app",
    group: "app",
    method: "POST",
    path: "/app/{name}/call",
    summary: "Send a request to an app",
    parameters: [
      requiredText("path", "The path at the app."),
      textParameter("method", "The HTTP method of the request.", "GET"),
      bodyParameter("payload", "Sent as JSON, but not with GET and HEAD.", "json"),
      bodyParameter("query_params", "Sent as query: scalars, or lists of scalars.", "object"),
      ...scope,
    ],
    bodyExample: { path: "/predict", method: "POST", payload: { x: 1 } },
    answer: anything,
    example: { result: 2 },
    passesOn: true,
    fence: "app",
  },
];
