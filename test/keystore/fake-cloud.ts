/**
 * VPC, ECS and HSM service as KMS meets them while it connects, in memory: every call can be counted, refused or made the
 * last one before a crash. The real services are behind the same calls in the scenario tests.
 */
import { createSign, randomBytes, X509Certificate } from 'node:crypto';
import { Secret } from '../../src/core/secret.ts';
import type { HsmDevices, HsmLink } from '../../src/domain/hsm-devices.ts';
import { HsmError, type HsmErrorCode } from '../../src/domain/hsm-errors.ts';
import { identityMessage } from '../../src/domain/hsm-identity.ts';
import type { KeyStoreRecord } from '../../src/domain/kms/key-store.ts';
import { passwordBinding } from '../../src/domain/kms/key-store-role.ts';
import type { NetworkFabric } from '../../src/domain/network/fabric.ts';
import type { Place, Reader } from '../../src/domain/storage.ts';
import { fail } from '../../src/errors/fault.ts';
import type { ErrorCode } from '../../src/errors/table.ts';
import { CONNECT_LIMITS, type ConnectPorts } from '../../src/keystore/connect/attempt.ts';
import type { ServiceClient } from '../../src/operation/service-client.ts';
import { testSealer } from '../hsm/support.ts';
import { makeOwner, makeRequestWithKey } from '../support/owner.ts';

export const PLACE: Place = { account: '1000000000000001', region: 'cn-hangzhou' };

type Values = Readonly<Record<string, string>>;

/** The process died here. */
export class Crash extends Error {}

interface Eni {
  readonly id: string;
  readonly vSwitchId: string;
  readonly groups: readonly string[];
  readonly name: string;
  readonly ip: string;
  attached: boolean;
  permission: string | undefined;
}

interface Group {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  readonly rules: Set<string>;
}

const owner = makeOwner();
const { request, privateKey } = makeRequestWithKey();
const clusterCertificate = owner.sign(request);
const raw = (pem: string): Uint8Array => new X509Certificate(pem).raw;

export class FakeCloud {
  readonly sealer = testSealer();
  readonly calls: string[] = [];
  readonly groups = new Map<string, Group>();
  readonly enis = new Map<string, Eni>();
  readonly vSwitches = new Map([
    ['vsw-1', { cidr: '10.0.1.0/24', free: 200, zone: 'cn-hangzhou-a' }],
    ['vsw-2', { cidr: '10.0.2.0/24', free: 200, zone: 'cn-hangzhou-b' }],
  ]);
  readonly hsms = new Map<string, { ip: string; status: number; login: HsmErrorCode | undefined; logins: number }>([
    ['hsm-1', { ip: '10.0.1.10', status: 1, login: undefined, logins: 0 }],
    ['hsm-2', { ip: '10.0.2.10', status: 1, login: undefined, logins: 0 }],
  ]);
  /** Refused dials by HSM. */
  readonly dead = new Set<string>();
  clusterStatus = 'INITIALIZED';
  clusterThere = true;
  vpcThere = true;
  roleThere = true;
  /** Whether the role may delete interfaces, which the published policy does not let it. */
  mayDeleteInterfaces = false;
  readonly owner = owner;
  /** Looks at each call before it is done. */
  before: (name: string, at: number) => void | Promise<void> = () => {};
  #next = 1;

  readonly store: KeyStoreRecord = {
    keyStoreId: 'kst-hzz1',
    name: 'store',
    description: '',
    type: 'HSM_CLUSTER',
    creator: PLACE.account,
    createdAt: 0,
    hsmClusterId: 'cluster-1',
    sealedPassword: this.sealer.seal(passwordBinding(PLACE, 'kst-hzz1'), Secret.ofText('password')),
    securityDomainCertificate: owner.certificate,
    connection: 'Connecting',
    connectionChangedAt: 0,
    epoch: 1,
    members: [],
    leftOver: [],
  };

  #id(prefix: string): string {
    this.#next += 1;
    return `${prefix}-${this.#next}`;
  }

  async #count(name: string): Promise<void> {
    this.calls.push(name);
    await this.before(name, this.calls.length);
  }

  readonly services: ServiceClient = {
    assume: async () => {
      await this.#count('AssumeRole');
      if (!this.roleThere) throw fail('EntityNotExist.Role');
      return { accessKeyId: 'STS.x', securityToken: 't' };
    },
    call: async (_session, region, _product, operation, values) => {
      await this.#count(operation);
      if (values.RegionId !== region) throw new Error(`${operation} for region ${values.RegionId}`);
      return this.#do(operation, values);
    },
  };

  readonly fabric: NetworkFabric = {
    attach: async (_place, id) => {
      await this.#count('(attach)');
      const eni = this.enis.get(id)!;
      if (eni.permission === undefined) throw new Error('not permitted');
      eni.attached = true;
    },
    detach: async (_place, id) => {
      await this.#count('(detach)');
      const eni = this.enis.get(id);
      if (eni !== undefined) eni.attached = false;
    },
    path: async () => {
      throw new Error('the paths port is used');
    },
  };

  readonly devices = {
    dial: async (deviceId: string) => {
      await this.#count(`(dial ${deviceId})`);
      if (this.dead.has(deviceId)) throw new HsmError('Unreachable', deviceId, 'dead');
      return this.#link(deviceId);
    },
  } as unknown as HsmDevices;

  ports(read: Partial<Reader> = {}): ConnectPorts {
    return {
      services: this.services,
      fabric: this.fabric,
      devices: this.devices,
      sealer: this.sealer,
      random: { bytes: (count) => randomBytes(count) },
      read: { list: async () => [], ...read } as unknown as Reader,
      limits: CONNECT_LIMITS,
      paths: {
        of: async (_place, store, member) => {
          const usable = store.network?.interfaces.some((one) => this.enis.get(one.networkInterfaceId)?.attached);
          return usable === true
            ? { open: true, deviceId: member.instanceId }
            : { open: false, problem: 'NetworkErrors', why: 'no interface' };
        },
      },
    };
  }

  #link(deviceId: string): HsmLink {
    const hsm = this.hsms.get(deviceId)!;
    return {
      deviceId,
      identity: async (challenge: Uint8Array) => ({
        signature: createSign('sha256').update(identityMessage(challenge)).sign(privateKey),
        certificates: { owner: raw(owner.certificate), cluster: raw(clusterCertificate) },
      }),
      login: async () => {
        await this.#count(`(login ${deviceId})`);
        hsm.logins += 1;
        if (hsm.login !== undefined) throw new HsmError(hsm.login, deviceId, 'refused');
      },
      selfTest: () => this.#count(`(self-test ${deviceId})`),
      close: () => {},
    } as unknown as HsmLink;
  }

  #do(operation: string, values: Values): Readonly<Record<string, unknown>> {
    const gone = (code: ErrorCode): never => {
      throw fail(code);
    };
    const group = (): Group => this.groups.get(values.SecurityGroupId!) ?? gone('InvalidSecurityGroupId.NotFound');
    const eni = (): Eni => this.enis.get(values.NetworkInterfaceId!) ?? gone('InvalidEniId.NotFound');
    const rule = (direction: string): string => {
      const peer = values[`Permissions.1.${direction === 'egress' ? 'Dest' : 'Source'}CidrIp`];
      return `${direction} ${values['Permissions.1.PortRange']} ${peer}`;
    };
    switch (operation) {
      case 'DescribeClusters':
        return { Clusters: this.clusterThere ? [this.#cluster()] : [], TotalCount: '1' };
      case 'DescribeInstances':
        return { Instances: [...this.hsms].map(([id, hsm]) => this.#instance(id, hsm)) };
      case 'DescribeVpcs':
        return { Vpcs: { Vpc: this.vpcThere ? [{ VpcId: 'vpc-1', Status: 'Available' }] : [] } };
      case 'DescribeVSwitches':
        return {
          VSwitches: {
            VSwitch: [...this.vSwitches].map(([VSwitchId, one]) => ({
              VSwitchId,
              ZoneId: one.zone,
              CidrBlock: one.cidr,
              Status: 'Available',
              AvailableIpAddressCount: one.free,
            })),
          },
        };
      case 'DescribeSecurityGroups':
        return {
          SecurityGroups: {
            SecurityGroup: [...this.groups.values()]
              .filter((one) => one.name === values.SecurityGroupName)
              .map((one) => ({ SecurityGroupId: one.id, SecurityGroupName: one.name, VpcId: one.vpcId })),
          },
        };
      case 'CreateSecurityGroup': {
        const id = this.#id('sg');
        this.groups.set(id, { id, name: values.SecurityGroupName!, vpcId: values.VpcId!, rules: new Set() });
        return { SecurityGroupId: id };
      }
      case 'DescribeSecurityGroupAttribute':
        return { Permissions: { Permission: [...group().rules].map(permissionOf) } };
      case 'AuthorizeSecurityGroup':
      case 'AuthorizeSecurityGroupEgress':
        group().rules.add(rule(operation.endsWith('Egress') ? 'egress' : 'ingress'));
        return {};
      case 'RevokeSecurityGroup':
      case 'RevokeSecurityGroupEgress':
        group().rules.delete(rule(operation.endsWith('Egress') ? 'egress' : 'ingress'));
        return {};
      case 'DeleteSecurityGroup': {
        const { id } = group();
        if ([...this.enis.values()].some((one) => one.groups.includes(id))) throw fail('DependencyViolation');
        this.groups.delete(id);
        return {};
      }
      case 'CreateNetworkInterface': {
        const vSwitch = this.vSwitches.get(values.VSwitchId!) ?? gone('InvalidVSwitchId.NotFound');
        if (vSwitch.free < 1) throw fail('InvalidVSwitchId.IpNotEnough', { id: values.VSwitchId! });
        vSwitch.free -= 1;
        const id = this.#id('eni');
        this.enis.set(id, {
          id,
          vSwitchId: values.VSwitchId!,
          groups: [group().id],
          name: values.NetworkInterfaceName!,
          ip: `10.0.0.${this.#next}`,
          attached: false,
          permission: undefined,
        });
        return { NetworkInterfaceId: id };
      }
      case 'DescribeNetworkInterfaces': {
        const ids = Object.keys(values)
          .filter((name) => name.startsWith('NetworkInterfaceId.'))
          .map((name) => values[name]);
        const found = [...this.enis.values()].filter((one) =>
          ids.length > 0 ? ids.includes(one.id) : one.name === values.NetworkInterfaceName,
        );
        return { NetworkInterfaceSets: { NetworkInterfaceSet: found.map(interfaceOf) } };
      }
      case 'CreateNetworkInterfacePermission': {
        const one = eni();
        one.permission ??= this.#id('perm');
        return {
          NetworkInterfacePermission: { NetworkInterfacePermissionId: one.permission, PermissionState: 'Granted' },
        };
      }
      case 'DeleteNetworkInterfacePermission': {
        const id = values.NetworkInterfacePermissionId;
        const held = [...this.enis.values()].find((one) => one.permission === id);
        if (held === undefined) throw fail('InvalidEniPermissionId.NotFound');
        held.permission = undefined;
        held.attached = false;
        return {};
      }
      case 'DeleteNetworkInterface': {
        if (!this.mayDeleteInterfaces) throw fail('Forbidden.RAM', { detail: '' });
        const one = eni();
        this.enis.delete(one.id);
        this.vSwitches.get(one.vSwitchId)!.free += 1;
        return {};
      }
      default:
        throw new Error(`${operation} is not granted to the role`);
    }
  }

  #cluster() {
    return {
      ClusterId: 'cluster-1',
      ClusterStatus: this.clusterStatus,
      VpcId: 'vpc-1',
      ClusterZones: [
        { VSwitchId: 'vsw-1', ZoneNo: 'cn-hangzhou-a' },
        { VSwitchId: 'vsw-2', ZoneNo: 'cn-hangzhou-b' },
      ],
      Certificates: {
        ClusterCsr: request,
        ClusterCertificate: clusterCertificate,
        ClusterOwnerCertificate: owner.certificate,
      },
    };
  }

  #instance(id: string, hsm: { ip: string; status: number }) {
    return { InstanceId: id, ClusterId: 'cluster-1', Ip: hsm.ip, IsMaster: id === 'hsm-1', HsmStatus: hsm.status };
  }
}

function permissionOf(rule: string) {
  const [Direction, PortRange, peer] = rule.split(' ');
  const [SourceCidrIp, DestCidrIp] = Direction === 'egress' ? ['', peer] : [peer, ''];
  return { Direction, PortRange, SourceCidrIp, DestCidrIp, IpProtocol: 'TCP', Policy: 'Accept' };
}

function interfaceOf(one: Eni) {
  return {
    NetworkInterfaceId: one.id,
    NetworkInterfaceName: one.name,
    VpcId: 'vpc-1',
    VSwitchId: one.vSwitchId,
    PrivateIpAddress: one.ip,
    Status: one.attached ? 'InUse' : 'Available',
    SecurityGroupIds: { SecurityGroupId: one.groups },
  };
}
