import { type ReceiveUploadOptions, receiveUpload } from "../blobs/receive-upload.ts";
import { closeAfter, pathOf, type Request, type Response, sendText } from "./node-http.ts";

/** Paths below it are signed upload URLs; the signature is the credential. */
export const uploadPath = "/blobs/upload/";

/** Answers a signed `PUT` and streams its body to disk. */
export async function answerUpload(
  request: Request,
  response: Response,
  options: ReceiveUploadOptions,
): Promise<void> {
  if (request.method !== "PUT") {
    response.setHeader("allow", "PUT");
    sendText(response, 405, "Use PUT.\n");
    return;
  }
  const length = request.headers["content-length"];
  const md5 = request.headers["content-md5"];
  const { status, message } = await receiveUpload(
    {
      token: pathOf(request).slice(uploadPath.length),
      contentLength: length === undefined ? undefined : Number(length),
      contentMd5: typeof md5 === "string" ? md5 : undefined,
      // Both versions of requests are streams of buffers.
      body: request as AsyncIterable<Uint8Array>,
    },
    options,
  );
  if (status !== 200) closeAfter(request, response);
  sendText(response, status, message === "" ? "" : `${message}\n`);
}
