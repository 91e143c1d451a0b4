import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectRouter } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { DataProxyService, type UploadInputsRequest } from "../../../src/idl/data-proxy.ts";
import { ImageService } from "../../../src/idl/images.ts";
import type { See } from "./seen-call.ts";

const folder = "/store/";

/** Uploads by signed URL, which are kept, and images, of which none exists unless it is put here. */
export class EchoStore {
  /** Files that were put, by name. */
  readonly files: Map<string, Buffer> = new Map();
  /** What runs were given. */
  readonly inputs: UploadInputsRequest[] = [];
  /** Where images are, by name without tag. */
  readonly images: Map<string, string> = new Map();

  reset(): void {
    this.files.clear();
    this.inputs.length = 0;
    this.images.clear();
  }

  serve(router: ConnectRouter, see: See, url: () => string): void {
    router.service(DataProxyService, {
      uploadInputs: (request, context) => {
        see("uploadInputs", context);
        this.inputs.push(request);
        return { offloadedInputData: { uri: "stub://inputs", inputsHash: "hash" } };
      },
      getActionData: (_request, context) => {
        see("getActionData", context);
        return {};
      },
      createUploadLocation: ({ filename }, context) => {
        see("createUploadLocation", context);
        const path = `${folder}${filename}`;
        return { signedUrl: `${url()}${path}?signature=secret`, nativeUrl: `stub:/${path}` };
      },
    });
    router.service(ImageService, {
      getImage: ({ id }, context) => {
        see("getImage", context);
        const fqin = this.images.get(id?.name.split(":")[0] ?? "");
        if (fqin === undefined) throw new ConnectError("no such image", Code.NotFound);
        return { image: { ...(id && { id }), fqin } };
      },
    });
  }

  /** Takes a file, if the request is one for the store. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const path = request.url?.split("?")[0] ?? "";
    if (!path.startsWith(folder)) return false;
    void request.toArray().then((chunks) => {
      this.files.set(path.slice(folder.length), Buffer.concat(chunks));
      response.end();
    });
    return true;
  }
}
