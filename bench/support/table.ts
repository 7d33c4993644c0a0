/** Rows as aligned text; numbers to the right. */
export function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))];
  const widths = names.map((_, at) => Math.max(...cells.map((line) => line[at]!.length)));
  const numeric = names.map((name) => rows.every((row) => typeof row[name] === 'number'));
  return cells
    .map((line) =>
      line.map((cell, at) => (numeric[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join('  '),
    )
    .join('\n');
}
