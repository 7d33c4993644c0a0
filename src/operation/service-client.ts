import type { ProductName } from '../domain/products.ts';
import type { Caller } from './context.ts';

/** Temporary credentials as AssumeRole returns them; the secret is of no use inside the process. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly securityToken: string;
}

/** Turns a session's token back into its caller; throws the gateway's fault when expired, foreign, or the role is gone. */
export type OpenSession = (credentials: SessionCredentials) => Promise<Caller>;

/**
 * How one service calls the operations of others: through the pipeline, as a role it has assumed. There is no other
 * way from one product into another.
 */
export interface ServiceClient {
  /** Assumes the role with the service as principal; refused unless the role exists and trusts the service. */
  assume(service: string, account: string, roleArn: string, sessionName: string): Promise<SessionCredentials>;
  /** Calls an operation with a session's rights. Throws the operation's fault. The answer is as on the wire (lists wrapped). */
  call(
    session: SessionCredentials,
    region: string,
    product: ProductName,
    operation: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, unknown>>>;
}
