import { Generations } from '../core/generations.ts';
import { Secret } from '../core/secret.ts';
import type { RoleSession, SessionTokens } from '../domain/ram/session.ts';
import { SealBroken, type Sealer } from '../domain/seal.ts';

const PREFIX = 'CAIS';
const BINDING = 'sts.session/1';
/** A session policy is the largest part of a token, at most 2,048 characters of up to 4 bytes. */
const MAX_TOKEN_CHARACTERS = 16_384;
/** Opened tokens kept in memory at most. */
const TOKENS_KEPT = 4000;

type Body = Omit<RoleSession, 'secret'> & { readonly secret: string };

function seal(sealer: Sealer, session: RoleSession): string {
  const body: Body = { ...session, secret: session.secret.revealText() };
  const plain = Secret.ofText(JSON.stringify(body));
  const token = PREFIX + sealer.seal(BINDING, plain);
  plain.wipe();
  return token;
}

function unseal(sealer: Sealer, token: string): RoleSession | undefined {
  if (!token.startsWith(PREFIX) || token.length > MAX_TOKEN_CHARACTERS) return undefined;
  try {
    const plain = sealer.open(BINDING, token.slice(PREFIX.length));
    const body = JSON.parse(plain.revealText()) as Body;
    plain.wipe();
    return {
      ...body,
      policy: body.policy,
      sourceIdentity: body.sourceIdentity,
      linkedService: body.linkedService,
      secret: Secret.ofText(body.secret),
    };
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}

/** Tokens sealed under the root key: any node opens them, nothing is stored, and nobody else can make one. */
export function createSessionTokens(sealer: Sealer): SessionTokens {
  const opened = new Generations<RoleSession>(TOKENS_KEPT);
  return {
    issue: (session) => seal(sealer, session),
    open: (token) => {
      const kept = opened.get(token);
      if (kept !== undefined) return kept;
      const session = unseal(sealer, token);
      if (session !== undefined) opened.set(token, session);
      return session;
    },
  };
}
