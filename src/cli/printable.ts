const esc = String.fromCharCode(27);
const lineEnd = /\r(?=\n|$)/g;
const special = new RegExp(`${esc}\\[[0-9;:]*m|[^\\P{Cc}\\n\\t]`, "gu");

/**
 * Text of others, such as what an app wrote, as a terminal may get it. Colours and line breaks stay;
 * what else could steer the terminal (its title, its clipboard, what stands in other lines) is shown
 * and not obeyed, as `\x1b`.
 */
export function toPrintable(text: string): string {
  return text.replaceAll(lineEnd, "").replaceAll(special, (found) => {
    // A control character by itself, or a colour.
    if (found.length > 1) return found;
    return `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
