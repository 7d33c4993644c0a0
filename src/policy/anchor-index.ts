import { compileGlob, type Glob, hasWildcard } from './glob.ts';

interface Entry<T> {
  readonly fits: Glob;
  readonly items: T[];
}

/** Patterns that share the length of their anchor, found by one slice of the text and one look-up. */
interface Anchors<T> {
  readonly length: number;
  readonly byText: ReadonlyMap<string, readonly Entry<T>[]>;
}

/**
 * Many wildcard patterns, asked at once. Each is filed under a piece of plain text it insists on (its anchor): the
 * whole, the start, the end, or a piece in the middle that begins with a colon, as in `acs:kms:*:1:secret/app/*`. A
 * question costs one look-up per distinct anchor length, not one match per pattern.
 */
export interface AnchorIndex<T> {
  readonly exact: ReadonlyMap<string, readonly T[]>;
  readonly heads: readonly Anchors<T>[];
  readonly tails: readonly Anchors<T>[];
  readonly middles: readonly Anchors<T>[];
  readonly rest: readonly Entry<T>[];
}

type Place = 'heads' | 'tails' | 'middles' | 'rest';

function anchorOf(pattern: string): { readonly place: Place; readonly text: string } {
  const chunks = pattern.split(/[*?]/);
  const last = chunks.length - 1;
  let best: { place: Place; text: string } = { place: 'rest', text: '' };
  chunks.forEach((chunk, i) => {
    if (chunk.length <= best.text.length) return;
    if (i === 0) best = { place: 'heads', text: chunk };
    else if (i === last) best = { place: 'tails', text: chunk };
    else if (chunk.startsWith(':')) best = { place: 'middles', text: chunk };
  });
  return best;
}

function byLength<T>(anchored: ReadonlyMap<string, readonly Entry<T>[]>): readonly Anchors<T>[] {
  const lengths = new Map<number, Map<string, readonly Entry<T>[]>>();
  for (const [text, entries] of anchored) {
    const group = lengths.get(text.length) ?? new Map<string, readonly Entry<T>[]>();
    lengths.set(text.length, group.set(text, entries));
  }
  return [...lengths].map(([length, byText]) => ({ length, byText }));
}

/** Files each item under its pattern. An item may come under several patterns. */
export function buildAnchorIndex<T>(rows: Iterable<readonly [pattern: string, item: T]>): AnchorIndex<T> {
  const patterns = new Map<string, T[]>();
  for (const [pattern, item] of rows) {
    const items = patterns.get(pattern);
    if (items === undefined) patterns.set(pattern, [item]);
    else items.push(item);
  }
  const exact = new Map<string, readonly T[]>();
  const places: Record<Place, Map<string, Entry<T>[]>> = {
    heads: new Map(),
    tails: new Map(),
    middles: new Map(),
    rest: new Map(),
  };
  for (const [pattern, items] of patterns) {
    if (!hasWildcard(pattern)) {
      exact.set(pattern, items);
      continue;
    }
    const anchor = anchorOf(pattern);
    const entries = places[anchor.place].get(anchor.text) ?? [];
    entries.push({ fits: compileGlob(pattern), items });
    places[anchor.place].set(anchor.text, entries);
  }
  return {
    exact,
    heads: byLength(places.heads),
    tails: byLength(places.tails),
    middles: byLength(places.middles),
    rest: [...places.rest.values()].flat(),
  };
}

function take<T>(entries: readonly Entry<T>[] | undefined, text: string, found: (readonly T[])[]): void {
  if (entries === undefined) return;
  for (const entry of entries) if (entry.fits(text)) found.push(entry.items);
}

/** Adds to `found`, for every pattern the text fits, the items filed under it. */
export function collect<T>(index: AnchorIndex<T>, text: string, found: (readonly T[])[]): void {
  const exact = index.exact.get(text);
  if (exact !== undefined) found.push(exact);
  for (const { length, byText } of index.heads) {
    if (length <= text.length) take(byText.get(text.slice(0, length)), text, found);
  }
  for (const { length, byText } of index.tails) {
    if (length <= text.length) take(byText.get(text.slice(text.length - length)), text, found);
  }
  for (const { length, byText } of index.middles) {
    let tried: (readonly Entry<T>[])[] | undefined;
    for (let at = text.indexOf(':'); at >= 0 && at + length <= text.length; at = text.indexOf(':', at + 1)) {
      const entries = byText.get(text.slice(at, at + length));
      if (entries === undefined || tried?.includes(entries)) continue;
      tried = [...(tried ?? []), entries];
      take(entries, text, found);
    }
  }
  take(index.rest, text, found);
}
