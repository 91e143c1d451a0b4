/**
 * Builds the console into `dist/console`.
 *
 * @returns the paths of all files that went in
 */
export declare function buildConsole(): Promise<readonly string[]>;
