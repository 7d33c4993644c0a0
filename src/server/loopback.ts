import { isIPv4 } from 'node:net';

/** Whether an address to bind, or a peer's address, is this machine alone. */
export function isLoopback(host: string): boolean {
  const address = host.startsWith('::ffff:') ? host.slice(7) : host;
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
