const OCTET = /^(0|[1-9]\d{0,2})$/;

/** How many IPv4 addresses there are. */
export const IPV4_SPACE = 2 ** 32;

/** Reads `a.b.c.d` (decimal, no leading zeroes) as a number from 0 to 2^32 - 1; undefined when it is no address. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!OCTET.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
