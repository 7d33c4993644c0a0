import { table } from '../core/table.ts';

/** One product of the OpenAPI: told apart from the others by its version alone, since all share one port. */
export interface Product {
  /** Name in audit events and metadata. */
  readonly name: string;
  /** API version, unique among products. */
  readonly version: string;
  /** Service code in RAM actions. */
  readonly ramCode: string;
  /** Its resources and events belong to no region. */
  readonly global: boolean;
  /** Host name of the vendor's endpoint, for audit events, certificates and error bodies. */
  readonly host: (region: string) => string;
  /** Further hosts that the vendor's SDKs send requests to by default, for certificates. */
  readonly otherHosts?: (region: string) => readonly string[];
  /** Name of the XML root element of a success: fixed, or the operation's name and `Response`. */
  readonly xmlRoot: (operation: string) => string;
  /** Error code of a refusal by policy. */
  readonly denied: 'Forbidden.NoPermission' | 'NoPermission' | 'Forbidden.RAM';
  /** How a missing or wrong parameter is named: by one code with the name in the text, or in the code itself. */
  readonly parameterErrors: 'named' | 'in-code';
  /** Where the operations come from: the vendor's published API, or ours. */
  readonly origin: 'vendor' | 'extension';
}

const response = (operation: string): string => `${operation}Response`;
const global = (host: string) => (): string => host;

export const PRODUCTS = table({
  Kms: {
    name: 'Kms',
    version: '2016-01-20',
    ramCode: 'kms',
    global: false,
    host: (region: string) => `kms.${region}.aliyuncs.com`,
    otherHosts: (region: string) => [`kms-vpc.${region}.aliyuncs.com`],
    xmlRoot: () => 'KMS',
    denied: 'Forbidden.NoPermission',
    parameterErrors: 'named',
    origin: 'vendor',
  },
  Ram: {
    name: 'Ram',
    version: '2015-05-01',
    ramCode: 'ram',
    global: true,
    host: global('ram.aliyuncs.com'),
    xmlRoot: response,
    denied: 'NoPermission',
    parameterErrors: 'in-code',
    origin: 'vendor',
  },
  Sts: {
    name: 'Sts',
    version: '2015-04-01',
    ramCode: 'sts',
    global: true,
    host: global('sts.aliyuncs.com'),
    otherHosts: (region: string) => [`sts.${region}.aliyuncs.com`, `sts-vpc.${region}.aliyuncs.com`],
    xmlRoot: response,
    denied: 'NoPermission',
    parameterErrors: 'in-code',
    origin: 'vendor',
  },
  ResourceManager: {
    name: 'ResourceManager',
    version: '2020-03-31',
    ramCode: 'ram',
    global: true,
    host: global('resourcemanager.aliyuncs.com'),
    xmlRoot: response,
    denied: 'NoPermission',
    parameterErrors: 'in-code',
    origin: 'vendor',
  },
  Ecs: {
    name: 'Ecs',
    version: '2014-05-26',
    ramCode: 'ecs',
    global: false,
    host: (region: string) => `ecs.${region}.aliyuncs.com`,
    otherHosts: (region: string) => [`ecs-${region}.aliyuncs.com`, 'ecs.aliyuncs.com'],
    xmlRoot: response,
    denied: 'Forbidden.RAM',
    parameterErrors: 'in-code',
    origin: 'vendor',
  },
  Vpc: {
    name: 'Vpc',
    version: '2016-04-28',
    ramCode: 'vpc',
    global: false,
    host: (region: string) => `vpc.${region}.aliyuncs.com`,
    otherHosts: () => ['vpc.aliyuncs.com'],
    xmlRoot: response,
    denied: 'Forbidden.RAM',
    parameterErrors: 'in-code',
    origin: 'vendor',
  },
  Hsm: {
    name: 'Hsm',
    version: '2018-01-11',
    ramCode: 'yundun-hsm',
    global: false,
    host: (region: string) => `hsm.${region}.aliyuncs.com`,
    otherHosts: () => ['hsm.aliyuncs.com'],
    xmlRoot: response,
    denied: 'Forbidden.RAM',
    parameterErrors: 'in-code',
    origin: 'vendor',
  },
  ActionTrail: {
    name: 'Actiontrail',
    version: '2020-07-06',
    ramCode: 'actiontrail',
    global: false,
    host: (region: string) => `actiontrail.${region}.aliyuncs.com`,
    xmlRoot: response,
    denied: 'NoPermission',
    parameterErrors: 'in-code',
    origin: 'vendor',
  },
  Coffer: {
    name: 'Coffer',
    version: '2026-11-01',
    ramCode: 'coffer',
    global: false,
    host: (region: string) => `coffer.${region}.aliyuncs.com`,
    xmlRoot: response,
    denied: 'NoPermission',
    parameterErrors: 'named',
    origin: 'extension',
  },
} as const satisfies Record<string, Product>);

export type ProductName = keyof typeof PRODUCTS;
