/** One line of a log. */
export interface LogLine {
  readonly time?: Date | undefined;
  readonly message: string;
  /** Who wrote it where several did, such as a replica. */
  readonly source?: string | undefined;
}

/** Lines as text, with the times of those that have one. */
export function printLines(lines: Iterable<LogLine | undefined>, withTimes: boolean): string {
  const texts: string[] = [];
  for (const line of lines) {
    if (line === undefined) continue;
    const time = withTimes && line.time !== undefined ? `${line.time.toISOString()} ` : "";
    const source = line.source === undefined ? "" : `${line.source} `;
    texts.push(`${time}${source}${line.message}\n`);
  }
  return texts.join("");
}
