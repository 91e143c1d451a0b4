// Builds the console into dist/console, with its files compressed beside them, as the devbox serves them.
// With --if-changed it does nothing when what is built is newer than all its sources.
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { argv } from "node:process";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const root = resolve(import.meta.dirname, "..");
const built = join(root, "dist/console");

/** What the console is made of; its packages change with the lock file. */
const sources = ["console", "src/idl", "src/values", "src/shared", "scripts", "package-lock.json"];

/** Below this a smaller file does not save a packet. */
const minCompressedBytes = 1_024;

if (argv[1] === import.meta.filename) {
  if (!argv.includes("--if-changed") || isOutdated()) await buildConsole();
}

/** @returns the paths of all files that went in */
export async function buildConsole() {
  // Loaded only where something is built: this runs at each start from the sources.
  const { build } = await import("vite");
  // In a folder of its own, so that a devbox which runs meanwhile reads the one or the other.
  const building = `${built}-${process.pid}`;
  try {
    const { output } = await build({
      configFile: join(root, "console/vite.config.ts"),
      logLevel: "warn",
      build: { outDir: building },
    });
    await Promise.all(filesBelow(building).map(compress));
    rmSync(built, { recursive: true, force: true });
    renameSync(building, built);
    return output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

async function compress(file) {
  const bytes = readFileSync(file);
  if (bytes.length < minCompressedBytes) return;
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, best),
    promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  writeFileSync(`${file}.br`, br);
  writeFileSync(`${file}.gz`, gz);
}

function isOutdated() {
  const page = join(built, "index.html");
  if (!existsSync(page)) return true;
  const builtAt = statSync(page).mtimeMs;
  return sources
    .map((source) => join(root, source))
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]))
    .some((file) => statSync(file).mtimeMs > builtAt);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
