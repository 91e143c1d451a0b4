const part = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$/;

/**
 * Whether a text names a repository of a model hub: `ORGANISATION/NAME` or `NAME`, each of 1 to 96
 * letters, digits and `_ . -`, with `.` and `-` neither at an end nor doubled.
 */
export function isModelRepository(text: string): boolean {
  const parts = text.split("/");
  return parts.length <= 2 && parts.every(isPart) && !text.endsWith(".git");
}

function isPart(text: string): boolean {
  return part.test(text) && !text.includes("..") && !text.includes("--");
}
