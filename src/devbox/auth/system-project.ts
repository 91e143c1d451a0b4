/** The project of tasks that belong to the control plane, for whoever may run tasks where the run is to be. */
export const systemProject = "system";
