/** Somebody's own text inside a message: in backticks, on one line, at most 80 characters. */
export function quoted(text: string): string {
  const line = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return `\`${line.slice(1, -1)}\``;
}
