import { table } from '../../core/table.ts';
import type { ConnectionErrorCode } from '../../domain/kms/key-store.ts';
import { Fault } from '../../errors/fault.ts';
import { RoleMissing } from '../acting-role.ts';
import { MemberRefused } from '../open-member.ts';
import type { ConnectStep } from './steps.ts';

/** An attempt to connect ended here. The message is for the store's owner. */
export class ConnectFailure extends Error {
  readonly code: ConnectionErrorCode;
  /** May go away by itself: worth another attempt while there is time. */
  readonly passing: boolean;

  constructor(code: ConnectionErrorCode, message: string, options: { passing?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ConnectFailure';
    this.code = code;
    this.passing = options.passing ?? false;
  }
}

/** Somebody else has changed the store's connection meanwhile: this attempt no longer counts. */
export class Superseded extends Error {
  constructor() {
    super('the attempt has been overtaken');
    this.name = 'Superseded';
  }
}

interface Treatment {
  readonly code: ConnectionErrorCode;
  readonly passing: boolean;
}

const passing = (code: ConnectionErrorCode): Treatment => ({ code, passing: true });
const lasting = (code: ConnectionErrorCode): Treatment => ({ code, passing: false });

/** What the other services' error codes mean for the connection: hsm-clusters 15.4. */
export const FAULT_TREATMENT: Readonly<Record<string, Treatment>> = table({
  OperationConflict: passing('InternalError'),
  InternalError: passing('InternalError'),
  ServiceUnavailable: passing('InternalError'),
  IncorrectVSwitchStatus: passing('InternalError'),
  'InvalidOperation.InvalidEniState': passing('InternalError'),
  'InvalidOperation.Conflict': passing('InternalError'),
  DependencyViolation: passing('InternalError'),
  // Removed by somebody while we use it: the next attempt makes it anew.
  'InvalidEniId.NotFound': passing('InternalError'),
  'InvalidSecurityGroupId.NotFound': passing('InternalError'),
  'InvalidOperation.InvalidEniType': lasting('InternalError'),
  'InvalidVSwitchId.NotFound': lasting('VSwitchNotFound'),
  'InvalidVpcID.NotFound': lasting('VSwitchNotFound'),
  'InvalidVpcId.NotFound': lasting('VSwitchNotFound'),
  'InvalidVSwitchId.IpNotEnough': lasting('InsufficientFreeAddresses'),
  'Forbidden.RAM': lasting('ServiceLinkedRoleNotFound'),
  NoPermission: lasting('ServiceLinkedRoleNotFound'),
});

function ofFault(fault: Fault): Treatment {
  const known = FAULT_TREATMENT[fault.code];
  if (known !== undefined) return known;
  return fault.code.startsWith('Throttling') || fault.status >= 500
    ? passing('InternalError')
    : lasting('InternalError');
}

/** Gives whatever a step threw its connection error code, and says at which step it was. */
export function failureAt(step: ConnectStep, error: unknown): ConnectFailure | Superseded {
  if (error instanceof ConnectFailure || error instanceof Superseded) return error;
  if (error instanceof RoleMissing) {
    const why = 'the service-linked role of key stores is missing; create it again with CreateServiceLinkedRole.';
    return new ConnectFailure('ServiceLinkedRoleNotFound', why, { cause: error });
  }
  if (error instanceof MemberRefused) {
    return new ConnectFailure(error.code, error.message, { passing: error.passing, cause: error });
  }
  if (error instanceof Fault) {
    const { code, passing: mayPass } = ofFault(error);
    return new ConnectFailure(code, `${step}: ${error.code}: ${error.message}`, { passing: mayPass, cause: error });
  }
  return new ConnectFailure('InternalError', `${step}: internal failure.`, { passing: true, cause: error });
}
