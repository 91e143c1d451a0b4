import { cutText } from "./cut-text.ts";
import { toVisible } from "./visible-text.ts";

/** Text of others for an attribute, an option or the title of the page, where there is no element to hold it. */
export function toAttributeText(text: string, max = 200): string {
  const cut = cutText(text, max);
  return `${toVisible(cut)}${cut === text ? "" : "…"}`;
}
