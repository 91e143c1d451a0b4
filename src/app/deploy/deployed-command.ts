import type { AppEnvironment } from "../environment/app-environment.ts";

/** The command of an app whose code need not travel, because the image has it. */
export interface DeployedCommand {
  readonly command: readonly string[];
  readonly args: readonly string[];
}

/** An environment that has a server, and can be run by a command as well. */
export interface CommandEnvironment {
  /**
   * Undefined when it is more than a command can say.
   *
   * @throws FlyteError `invalid_config` naming the option that a command cannot say
   */
  deployedCommand(): DeployedCommand | undefined;
}

/** The command of an environment that has a server, where one will do. */
export function deployedCommandOf(environment: AppEnvironment): DeployedCommand | undefined {
  const { deployedCommand } = environment as Partial<CommandEnvironment>;
  return deployedCommand?.call(environment as unknown as CommandEnvironment);
}
