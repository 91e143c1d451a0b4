export { App } from "./app.ts";
export { Run } from "./run.ts";
export { Secret } from "./secret.ts";
export { Task } from "./task.ts";
export { Trigger } from "./trigger.ts";
export { User } from "./user.ts";
