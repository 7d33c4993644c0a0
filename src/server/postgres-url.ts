/** How the URL of a PostgreSQL database is written. */
export const POSTGRES_URL_FORM =
  'postgres://user:password@host:port/database, with %40 and the like for special characters in the password';

/**
 * Whether a text names a database as the driver understands it, which takes anything else for the path of one on a host
 * called `base`. A URL may leave the host out and name a socket's directory as `host` in its query.
 */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\/\S+$/.test(text) && URL.canParse(text.replace('@/', '@localhost/'));
}
