import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageProps } from "./page-props.ts";
import { ErrorNotice } from "./ui/error-notice.tsx";
import { Loading } from "./ui/loading.tsx";

/** A page whose code is loaded when it is first shown. */
export function lazyPage(
  load: () => Promise<ComponentType<PageProps>>,
): (props: PageProps) => VNode {
  let loaded: ComponentType<PageProps> | undefined;
  return function LazyPage(props) {
    const [Page, setPage] = useState<ComponentType<PageProps> | undefined>(() => loaded);
    const [error, setError] = useState<unknown>();
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then((page) => {
        loaded = page;
        setPage(() => page);
      }, setError);
    }, []);
    if (error !== undefined) return <ErrorNotice error={error} retry={() => location.reload()} />;
    return Page === undefined ? <Loading what="the page" /> : <Page {...props} />;
  };
}
