import { uuid } from '../core/random.ts';
import type { Clock } from '../core/time.ts';
import { isoSeconds } from '../core/time.ts';
import type { ProductName } from '../domain/products.ts';
import type { Caller, Source } from '../operation/context.ts';
import type { OpenSession, ServiceClient } from '../operation/service-client.ts';
import { execute, type Pipeline } from './execute.ts';

function serviceSource(service: string): Source {
  return { ip: 'Internal', secure: true, userAgent: service, internal: true };
}

/** A service in its own name, before it has assumed anything. */
function serviceCaller(service: string, account: string, clock: Clock): Caller {
  return {
    principal: { kind: 'service', account, service },
    accessKeyId: undefined,
    identity: {
      type: 'system',
      principalId: service,
      accountId: account,
      userName: service,
      sessionContext: { attributes: { mfaAuthenticated: 'false', creationDate: isoSeconds(clock.now()) } },
    },
  };
}

export function createServiceClient(pipeline: Pipeline, openSession: OpenSession, homeRegion: string): ServiceClient {
  const run = (
    caller: Caller,
    source: Source,
    region: string,
    product: ProductName,
    name: string,
    values: Readonly<Record<string, string>>,
  ) =>
    execute(pipeline, {
      operation: pipeline.registry.of(product, name),
      parameters: pipeline.parametersOf(values),
      caller,
      source,
      region,
      requestId: uuid(pipeline.ports.random),
      nonce: undefined,
    });
  return {
    assume: async (service, account, roleArn, sessionName) => {
      const caller = serviceCaller(service, account, pipeline.ports.clock);
      const answer = await run(caller, serviceSource(service), homeRegion, 'Sts', 'AssumeRole', {
        RoleArn: roleArn,
        RoleSessionName: sessionName,
      });
      const credentials = answer.Credentials as { AccessKeyId: string; SecurityToken: string };
      return { accessKeyId: credentials.AccessKeyId, securityToken: credentials.SecurityToken };
    },
    call: async (session, region, product, name, values) => {
      const caller = await openSession(session);
      const service = caller.principal.kind === 'session' ? caller.principal.linkedService : undefined;
      return run(caller, serviceSource(service ?? 'Internal'), region, product, name, values);
    },
  };
}
