export { Run } from "./run.ts";
export { Task } from "./task.ts";
export { User } from "./user.ts";
