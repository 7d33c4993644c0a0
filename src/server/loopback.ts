import { isIPv4 } from 'node:net';

/** An address without the prefix that IPv4 has on a socket for both. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** Whether an address to bind, or a peer's address, is this machine alone. */
export function isLoopback(host: string): boolean {
  const address = plainAddress(host);
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
