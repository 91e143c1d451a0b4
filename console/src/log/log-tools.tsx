import type { RefObject, VNode } from "preact";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import type { LogSettings } from "./log-settings.ts";
import type { LogSearchState } from "./use-log-search.ts";

export interface LogToolsProps {
  readonly name: string;
  readonly search: LogSearchState;
  readonly field: RefObject<HTMLInputElement>;
  /** Place of the line the search is at among those found; -1 for none. */
  readonly place: number;
  readonly go: (step: 1 | -1) => void;
  readonly settings: LogSettings;
  readonly toggle: (name: keyof LogSettings) => void;
  /** What is listed, as text. */
  readonly print: () => string;
}

/** What can be done with a log. */
export function LogTools(props: LogToolsProps): VNode {
  const { name, search, field, settings, toggle, print, go } = props;
  return (
    <div class="log-tools">
      <div class="log-search">
        <input
          ref={field}
          type="search"
          aria-label="Search the log"
          placeholder="Search"
          autocomplete="off"
          spellcheck={false}
          value={search.query}
          onInput={(event) => search.change(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            go(event.shiftKey ? -1 : 1);
          }}
        />
        {search.query !== "" && <Found {...props} />}
      </div>
      <div class="row">
        <Button pressed={settings.hasTimes} onClick={() => toggle("hasTimes")}>
          Times
        </Button>
        <Button pressed={settings.isWrapped} onClick={() => toggle("isWrapped")}>
          Wrap
        </Button>
        <CopyButton text={print} what="the log" />
        <Button label="Download the log" onClick={() => download(name, print())}>
          Download
        </Button>
      </div>
    </div>
  );
}

function Found({ search, place, go, settings, toggle }: LogToolsProps): VNode {
  const count = search.found.length;
  return (
    <>
      <span class="log-count muted" role="status">
        {place >= 0 && `${(place + 1).toLocaleString()} of `}
        {count.toLocaleString()} {count === 1 ? "line" : "lines"}
        {!search.isDone && " …"}
      </span>
      <Button label="Previous line found" isDisabled={count === 0} onClick={() => go(-1)}>
        ↑
      </Button>
      <Button label="Next line found" isDisabled={count === 0} onClick={() => go(1)}>
        ↓
      </Button>
      <Button pressed={settings.onlyFound} onClick={() => toggle("onlyFound")}>
        Only matching lines
      </Button>
    </>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replaceAll(/[^\w.-]+/g, "_").slice(0, 100)}.log`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
