/** One instruction, as Docker's builder reads it. */
export interface Instruction {
  readonly keyword: string;
  /** All behind the keyword, continued lines joined. */
  readonly rest: string;
}

/**
 * Reads a Dockerfile the way BuildKit does: lines continue behind a backslash, comments between them are
 * dropped, and a heredoc takes the lines after it.
 */
export function parseDockerfile(text: string): readonly Instruction[] {
  const instructions: Instruction[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    let line = lines[at] ?? "";
    if (isEmpty(line)) continue;
    while (/\\[ \t]*$/.test(line) && at + 1 < lines.length) {
      at += 1;
      const next = lines[at] ?? "";
      line = line.replace(/\\[ \t]*$/, isEmpty(next) ? "\\" : next);
    }
    const [, keyword = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(line) ?? [];
    instructions.push({ keyword: keyword.toUpperCase(), rest });
    const end = heredocOf(keyword, rest);
    while (end !== undefined && at + 1 < lines.length && lines[at] !== end) at += 1;
  }
  return instructions;
}

/** The words of an instruction in the JSON form. */
export function jsonWords({ rest }: Instruction): readonly string[] {
  return JSON.parse(rest) as readonly string[];
}

function isEmpty(line: string): boolean {
  return /^\s*(?:#.*)?$/.test(line);
}

/** The word that ends a heredoc, when one begins outside of quotes. */
function heredocOf(keyword: string, rest: string): string | undefined {
  if (!/^(?:RUN|COPY|ADD)$/i.test(keyword)) return undefined;
  const bare = rest.replace(/"(?:\\.|[^"\\])*"|'[^']*'/gs, '""');
  return /(?:^|\s)\d*<<-?(\w+)/.exec(bare)?.[1];
}
