import { roleArn } from '../../core/arn.ts';
import { accessKeySecret, temporaryAccessKeyId } from '../../core/ids.ts';
import { Secret } from '../../core/secret.ts';
import { isoSeconds } from '../../core/time.ts';
import { MAX_SESSION_POLICY_CHARACTERS, MalformedPolicy, parsePolicy } from '../../policy/document.ts';
import { integer, text } from '../../schema/fields.ts';
import { optional, out } from '../../schema/output.ts';
import { reads } from './_product.ts';
import { assumeRolePermission, findRoleByArn, roleFound, sourceIdentityOf } from './_trust.ts';

const MIN_SECONDS = 900;
const DEFAULT_SECONDS = 3600;

/** `1hr`, `90min`: as the vendor's text writes the upper limit. */
function inWords(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600}hr` : `${Math.floor(seconds / 60)}min`;
}

function isGrammatical(policy: string): boolean {
  try {
    parsePolicy(policy, 'session');
    return true;
  } catch (error) {
    if (error instanceof MalformedPolicy) return false;
    throw error;
  }
}

export const AssumeRole = reads({
  product: 'Sts',
  name: 'AssumeRole',
  origin: 'vendor',
  title: 'Gives temporary credentials of a role.',
  notes:
    "The caller's policies and the role's trust policy must both allow it; root users may not. Nothing is stored: the token carries the session. It ends at its time, or with the role; changes of the role's policies apply to it at once.",
  input: {
    RoleArn: text({ doc: 'ARN of the role, the name in any case.', required: true, max: 256 }),
    RoleSessionName: text({
      doc: 'Name of the session, for audit events.',
      required: true,
      min: 2,
      max: 64,
      pattern: /^[A-Za-z0-9.@_-]+$/,
      form: 'letters, digits, `.`, `@`, `-`, `_`',
    }),
    DurationSeconds: integer({
      doc: "How long the session lasts: from 900 to the role's MaxSessionDuration.",
      fallback: DEFAULT_SECONDS,
      type: 'Long',
    }),
    Policy: text({ doc: "Session policy: narrows the role's rights. At most 2,048 characters.", max: 65_536 }),
    ExternalId: text({
      doc: 'Compared with `sts:ExternalId` in the trust policy.',
      min: 2,
      max: 1224,
      pattern: /^[\w+=,.@:/-]*$/,
      form: 'letters, digits, `_+=,.@:/-`',
    }),
    SourceIdentity: text({
      doc: 'Who is behind the session; kept in it, and compared with `sts:SourceIdentity`.',
      min: 2,
      max: 64,
      pattern: /^[A-Za-z0-9.@_=-]+$/,
      form: 'letters, digits, `.`, `@`, `-`, `_`, `=`',
    }),
  },
  output: {
    Credentials: out.object('Sign with these, and send the token along.', {
      AccessKeyId: out.text('`STS.…`'),
      AccessKeySecret: out.secret('The secret.'),
      SecurityToken: out.secret('The token; opaque.'),
      Expiration: out.text('When the session ends.'),
    }),
    AssumedRoleUser: out.object('The session.', {
      Arn: out.text('`acs:ram::<account>:role/<role>/<session>`'),
      AssumedRoleId: out.text('`<RoleId>:<session>`'),
    }),
    SourceIdentity: optional(out.text('As sent, or as the calling session carries it.')),
  },
  resolve: (ctx, input) => findRoleByArn(ctx, input.RoleArn),
  permissions: [assumeRolePermission()],
  guards: [roleFound],
  throttle: 'sts',
  errors: ['InvalidParameter.DurationSeconds', 'InvalidParameter.PolicySize', 'InvalidParameter.PolicyGrammar'],
  references: ({ resolved }) => ({ 'ACS::RAM::Role': [resolved.role?.roleName ?? resolved.roleName] }),
  recordsAnswer: true,
  handle: async (ctx, input, { role, account }) => {
    if (role === undefined) throw new Error('the guard roleFound was passed over');
    const { DurationSeconds: seconds, Policy: policy, RoleSessionName: sessionName } = input;
    if (seconds < MIN_SECONDS || seconds > role.maxSessionDuration) {
      throw ctx.fail('InvalidParameter.DurationSeconds', { max: inWords(role.maxSessionDuration) });
    }
    if (policy !== undefined && policy.length > MAX_SESSION_POLICY_CHARACTERS) {
      throw ctx.fail('InvalidParameter.PolicySize');
    }
    if (policy !== undefined && !isGrammatical(policy)) throw ctx.fail('InvalidParameter.PolicyGrammar');
    const { principal } = ctx.caller;
    const sourceIdentity = sourceIdentityOf(ctx, input.SourceIdentity);
    const { random, tokens } = ctx.ports;
    const accessKeyId = temporaryAccessKeyId(random);
    const secretText = accessKeySecret(random);
    const createdAt = ctx.now.getTime();
    const expiresAt = createdAt + seconds * 1000;
    const token = tokens.issue({
      accessKeyId,
      secret: Secret.ofText(secretText),
      account,
      roleId: role.roleId,
      sessionName,
      policy,
      sourceIdentity,
      playerUid: ctx.account,
      linkedService:
        principal.kind === 'service' && principal.service === role.linkedService ? role.linkedService : undefined,
      createdAt,
      expiresAt,
    });
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        AccessKeySecret: secretText,
        SecurityToken: token,
        Expiration: isoSeconds(new Date(expiresAt)),
      },
      AssumedRoleUser: {
        Arn: `${roleArn(account, role.roleName)}/${sessionName}`,
        AssumedRoleId: `${role.roleId}:${sessionName}`,
      },
      SourceIdentity: sourceIdentity,
    };
  },
});
