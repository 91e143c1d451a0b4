import type { Plugin as EsbuildPlugin } from "esbuild";
import type { Plugin } from "vite";

export declare const entryParts: EsbuildPlugin;
export declare const leanUndici: EsbuildPlugin;
export declare const leanIdl: EsbuildPlugin;
export declare const leanIdlInBrowsers: Plugin;
