/** The environment variable with what a task may call its control plane with, about its own run alone. */
export const TASK_TOKEN_VARIABLE = "FLYTE_TASK_TOKEN";
