/** The server will not start on this state or configuration; the message says why and what to do. */
export class StartRefused extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'StartRefused';
  }
}
