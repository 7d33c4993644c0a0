/** A compiled pattern; says whether the whole text fits. */
export type Glob = (text: string) => boolean;

/**
 * Compiles a pattern in which `*` stands for any number of characters (none included; `:` and `/` too) and `?` for
 * exactly one. Nothing escapes them. Case is compared as given: lower both sides for a comparison without case. The
 * worst case costs pattern length times text length; no pattern makes it blow up.
 */
export function compileGlob(pattern: string): Glob {
  if (pattern.includes('?')) return (text) => matchesWithBacktrack(pattern, text);
  const chunks = pattern.split('*');
  if (chunks.length === 1) return (text) => text === pattern;
  const head = chunks[0]!;
  const tail = chunks.at(-1)!;
  const middles = chunks.slice(1, -1).filter((chunk) => chunk !== '');
  const least = head.length + tail.length;
  if (middles.length === 0) {
    return (text) => text.length >= least && text.startsWith(head) && text.endsWith(tail);
  }
  return (text) => {
    if (text.length < least || !text.startsWith(head) || !text.endsWith(tail)) return false;
    const end = text.length - tail.length;
    let at = head.length;
    for (const chunk of middles) {
      const found = text.indexOf(chunk, at);
      if (found < 0) return false;
      at = found + chunk.length;
    }
    return at <= end;
  };
}

function step(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}

/** Two pointers; on a mismatch only the last `*` is widened, as an earlier one can gain nothing. */
function matchesWithBacktrack(pattern: string, text: string): boolean {
  let inPattern = 0;
  let inText = 0;
  let afterStar = -1;
  let resume = 0;
  while (inText < text.length) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      inPattern += 1;
      afterStar = inPattern;
      resume = inText;
    } else if (wanted === '?') {
      inPattern += 1;
      inText += step(text, inText);
    } else if (wanted === text[inText]) {
      inPattern += 1;
      inText += 1;
    } else if (afterStar >= 0) {
      resume += step(text, resume);
      inPattern = afterStar;
      inText = resume;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern += 1;
  return inPattern === pattern.length;
}

/** Whether the text holds `*` or `?`. */
export function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}
