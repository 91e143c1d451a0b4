/** A file of the console as a browser gets it. */
export interface FetchedFile {
  readonly name: string;
  readonly text: string;
  /** Bytes of its body on the way. */
  readonly size: number;
  readonly coding: string | undefined;
}

/** What a console sends, found as a browser finds it: from its one page on. */
export interface FetchedConsole {
  readonly page: FetchedFile;
  /** By name, such as `assets/index-1.js`. */
  readonly assets: ReadonlyMap<string, FetchedFile>;
  /** Names of all that has to be there before a page shows, by the name of its script. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
}

const assetName = /assets\/[\w-]+(?:\.[\w-]+)*\.(?:js|css|svg)/g;

/**
 * Fetches the page of a console and all that it leads to, compressed by gzip.
 *
 * @param url - address of the console: `http://127.0.0.1:30080/v2`
 * @throws Error for an answer other than 200
 */
export async function fetchConsole(url: string): Promise<FetchedConsole> {
  const page = await fetchFile(url, "");
  const linked = namesIn(page.text);
  const assets = new Map<string, FetchedFile>();
  for (const names = [...linked]; names.length > 0; ) {
    const name = names.pop() ?? "";
    if (assets.has(name)) continue;
    const file = await fetchFile(url, name);
    assets.set(name, file);
    names.push(...namesIn(file.text));
  }
  const entry = [...assets.values()].find(({ name }) => /^assets\/index-[\w-]+\.js$/.test(name));
  return { page, assets, needs: readNeeds(entry?.text ?? "", linked) };
}

async function fetchFile(url: string, name: string): Promise<FetchedFile> {
  const response = await fetch(`${url}/${name}`, { headers: { "accept-encoding": "gzip" } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${name} is answered with ${response.status}`);
  return {
    name,
    text,
    size: Number(response.headers.get("content-length")),
    coding: response.headers.get("content-encoding") ?? undefined,
  };
}

function namesIn(text: string): readonly string[] {
  const beside = [...text.matchAll(/["'`]\.\/([\w.-]+\.(?:js|css))["'`]/g)];
  return [...(text.match(assetName) ?? []), ...beside.map(([, name = ""]) => `assets/${name}`)];
}

/** Vite writes into the entry what each page needs: a list of files, and their places in it for each import. */
function readNeeds(
  entry: string,
  linked: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const files = /\.f=\[([^\]]*)\]/.exec(entry)?.[1]?.match(assetName) ?? [];
  const imports = entry.matchAll(
    /import\([`"']\.\/([\w.-]+-page-[\w-]+\.js)[`"']\).{0,80}?__vite__mapDeps\(\[([\d,]*)\]\)/g,
  );
  return new Map(
    [...imports].map(([, name = "", places = ""]) => {
      const needed = places.split(",").map((place) => files[Number(place)] ?? "");
      return [name, [...new Set([...linked, ...needed])]];
    }),
  );
}
