import { parseCidrOrAddress } from '../network/cidr.ts';
import { MAX_WHITELIST } from './cluster.ts';

/**
 * Reads a whitelist: addresses and blocks separated by commas, at most 10, never all addresses (`0.0.0.0/0`). Returns
 * them without repetition, or undefined when one does not fit. An empty text is an empty list: nobody gets in.
 */
export function readWhitelist(text: string): readonly string[] | undefined {
  const entries = [
    ...new Set(
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    ),
  ];
  if (entries.length > MAX_WHITELIST) return undefined;
  const fit = entries.every((entry) => {
    const block = parseCidrOrAddress(entry);
    return block !== undefined && block.bits > 0;
  });
  return fit ? entries : undefined;
}
