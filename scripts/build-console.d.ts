/** Builds the console into `dist/console`. */
export declare function buildConsole(): Promise<void>;
