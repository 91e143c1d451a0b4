import { createHash } from "node:crypto";
import type { Notice } from "./notice.ts";

/** The id of a notice: what is to be told to whom. The same in every process and for ever. */
export function noticeId({ to, url, run }: Pick<Notice, "to" | "url" | "run">): string {
  const { project, domain, name } = run;
  const text = JSON.stringify(["notice", to, url, project, domain, name]);
  return `msg_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
}
