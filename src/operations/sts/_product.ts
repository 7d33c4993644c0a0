import type { Random } from '../../core/random.ts';
import type { SessionTokens } from '../../domain/ram/session.ts';
import { declare } from '../../operation/operation.ts';

/** What STS operations may use besides records. */
export interface StsPorts {
  readonly random: Random;
  readonly tokens: Pick<SessionTokens, 'issue'>;
}

export const { reads } = declare<StsPorts>();
