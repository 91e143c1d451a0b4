import { ConnectError } from "@connectrpc/connect";
import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorNotice } from "./error-notice.tsx";
import { Loading } from "./loading.tsx";

/** A page, or a part of one, whose code is loaded when it is first shown. @param what - `the page`, for people */
export function lazyPart<Props extends object>(
  what: string,
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => VNode {
  let loaded: ComponentType<Props> | undefined;
  return function LazyPart(props) {
    const [Part, setPart] = useState<ComponentType<Props> | undefined>(() => loaded);
    const [error, setError] = useState<unknown>();
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (part) => {
          loaded = part;
          setPart(() => part);
          // Code that is not there is fetched in vain, which is no defect of the page.
        },
        (failure: unknown) => setError(ConnectError.from(failure)),
      );
    }, []);
    if (error !== undefined) return <ErrorNotice error={error} retry={() => location.reload()} />;
    return Part === undefined ? <Loading what={what} /> : <Part {...props} />;
  };
}
