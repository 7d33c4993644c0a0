import { ERRORS, type ErrorCode } from './table.ts';

/** Values that fill a message template: plain types only, so that a secret cannot get in. */
export type FaultParams = Readonly<Record<string, string | number>>;

/** The vendor's explanation of a refusal, beside Code and Message. */
export interface AccessDeniedDetail {
  AuthAction: string;
  AuthPrincipalType: string;
  AuthPrincipalOwnerId: string;
  AuthPrincipalDisplayName: string;
  NoPermissionType: 'ImplicitDeny' | 'ExplicitDeny';
  PolicyType: string;
  /** For DecodeDiagnosticMessage. */
  EncodedDiagnosticMessage?: string;
  /** Resource the decision was about. An addition of ours, as are the two below. */
  AuthResource?: string;
  /** A statement that would allow the call, as JSON text. */
  MissingStatement?: string;
  /** The refusal in a sentence. */
  Explanation?: string;
}

/** An error the caller gets to see. Anything else thrown becomes `InternalError` and a line in the log. */
export class Fault extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: AccessDeniedDetail | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    options: { cause?: unknown; detail?: AccessDeniedDetail } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.status = status;
    this.detail = options.detail;
  }
}

function fill(template: string, params: FaultParams): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '')).trim();
}

/** Makes the fault of a code in the table. Written `throw fail('…')`, so that the compiler sees the flow end. */
export function fail(
  code: ErrorCode,
  params: FaultParams = {},
  options: { cause?: unknown; detail?: AccessDeniedDetail } = {},
): Fault {
  const row = ERRORS[code];
  return new Fault(code, row.status, fill(row.message, params), options);
}

/** The gateway's family for a parameter left out: the name is in the code. */
export function missingInCode(parameter: string): Fault {
  return new Fault(`Missing${parameter.replaceAll('.', '')}`, 400, `${parameter} is mandatory for this action.`);
}
