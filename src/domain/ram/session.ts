import type { Secret } from '../../core/secret.ts';

/** A role session: what its token carries, sealed. Nothing of it is stored. */
export interface RoleSession {
  /** `STS.…`; the token is of use with this key only. */
  readonly accessKeyId: string;
  /** Secret that goes with the key. */
  readonly secret: Secret;
  /** Account that owns the role. */
  readonly account: string;
  /** The session ends with the role of this id, whatever comes to bear its name later. */
  readonly roleId: string;
  readonly sessionName: string;
  /** Session policy document. */
  readonly policy: string | undefined;
  readonly sourceIdentity: string | undefined;
  /** Account of whoever assumed the role. */
  readonly playerUid: string;
  /** The service that acts through its service-linked role. */
  readonly linkedService: string | undefined;
  /** Service time, milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Makes and reads security tokens. */
export interface SessionTokens {
  /** The token, `CAIS…`. */
  issue(session: RoleSession): string;
  /** The session of a token that this deployment issued, expired or not; undefined for anything else. */
  open(token: string): RoleSession | undefined;
}
