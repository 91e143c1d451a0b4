/** Joiners and variation selectors, where they shape what is seen: emoji, ideographs, and letters of joining scripts. */
const kept = [
  // Emoji in their two styles, keycaps, and emoji made of several (UTS #51).
  String.raw`(?<=\p{Extended_Pictographic})[\uFE0E\uFE0F]`,
  String.raw`(?<=[0-9#*])\uFE0F(?=\u20E3)`,
  String.raw`(?<=\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?)\u200D(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Script=Han})[\uFE00-\uFE02\u{E0100}-\u{E01EF}]`,
  String.raw`(?<=\p{Script=Mongolian})[\u180B-\u180D\u180F]`,
];

/** Scripts in whose words joiners are spelling (UAX #31, section 2.3). */
const joining = [
  ...["Arabic", "Syriac", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil"],
  ...["Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar", "Tibetan"],
]
  .map((script) => String.raw`\p{Script=${script}}`)
  .join("");
kept.push(`(?<=[${joining}])[\\u200C\\u200D](?=[${joining}])`);

/**
 * What cannot be seen or steers how other text is: controls, formats, separators of lines and paragraphs, all that
 * is ignorable by default, halves of surrogate pairs and noncharacters (Unicode 15, chapters 5.21 and 23).
 */
const hidden = [
  String.raw`(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]`,
  // Signs that stand before the digits they belong to are formats, too, but seen.
  String.raw`(?![\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}])\p{Cf}`,
];

const suspects = new RegExp(hidden.join("|"), "u");
const parts = new RegExp(`(${kept.join("|")})|${hidden.join("|")}`, "gu");

/**
 * Text of others as it may be shown: what could hide, reorder or fake other text stands as `U+202E` in
 * brackets. Line ends and tabs stay.
 */
export function toVisible(text: string): string {
  if (!suspects.test(text)) return text;
  return text.replaceAll("\r\n", "\n").replaceAll(parts, (found, shaping?: string) => {
    if (shaping !== undefined) return found;
    const code = found.codePointAt(0) ?? 0;
    return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}
