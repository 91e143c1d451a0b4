/** A text of several lines in one: the first of them and the last, with an ellipsis for what is between. */
export function toOneLine(text: string): string {
  const lines = text.split(/\s*\n\s*/).filter((line) => line !== "");
  const [first = ""] = lines;
  if (lines.length < 2) return first;
  return [first, ...(lines.length > 2 ? ["…"] : []), lines.at(-1)].join(" ");
}
