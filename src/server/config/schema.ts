import { type Static, Type } from 'typebox';
import { RAM_QUOTAS } from '../../domain/ram/quotas.ts';

const strict = { additionalProperties: false } as const;
const name = (what: string) =>
  Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,31}$',
    description: `${what} 1 to 32 lower-case letters, digits and hyphens; used once.`,
  });
const PORT = { minimum: 0, maximum: 65_535 } as const;

const Listener = Type.Object(
  {
    host: Type.String({
      default: '127.0.0.1',
      description: 'Address to bind. Addresses other than loopback need `tls: true`.',
    }),
    port: Type.Integer({ ...PORT, description: 'Port; 0 lets the system choose one.' }),
    tls: Type.Boolean({ default: false, description: 'Serve HTTPS with the certificate described under `tls`.' }),
  },
  strict,
);

const Tls = Type.Object(
  {
    names: Type.Array(Type.String(), {
      default: [],
      description:
        'Further DNS names and addresses in the certificate. `kms.<region>.aliyuncs.com` and its siblings, `localhost`, loopback and every host that an HTTPS listener names (not `0.0.0.0` or `::`) are always in it.',
    }),
    certificateFile: Type.Optional(
      Type.String({
        description:
          'PEM chain of your own, instead of one by the private CA made at first start; relative to the configuration file. Needs `keyFile`.',
      }),
    ),
    keyFile: Type.Optional(
      Type.String({ description: 'PEM private key to `certificateFile`; relative to the configuration file.' }),
    ),
  },
  { ...strict, default: {}, description: 'The certificate of the HTTPS listeners.' },
);

const Storage = Type.Union(
  [
    Type.Object(
      { kind: Type.Literal('sqlite', { description: 'Embedded database in the data directory; one process.' }) },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('postgres', {
          description: 'PostgreSQL 14 or later; any number of Coffer nodes over one database.',
        }),
        url: Type.Optional(Type.String({ description: '`postgres://user:password@host:port/database`.' })),
        urlFile: Type.Optional(
          Type.String({
            description:
              'File that holds the URL, so that the password is not in this file; not readable for everybody; relative to the data directory.',
          }),
        ),
        poolSize: Type.Integer({ minimum: 2, maximum: 100, default: 10, description: 'Connections per node.' }),
        caFile: Type.Optional(
          Type.String({
            description:
              "PEM of the CA that signed the database server's certificate, relative to the configuration file; turns TLS with verification on.",
          }),
        ),
      },
      strict,
    ),
  ],
  { default: { kind: 'sqlite' }, description: 'The database.' },
);

const Unwrapper = Type.Union([
  Type.Object(
    {
      id: name('Names the copy of the root key that it opens.'),
      type: Type.Literal('file', { description: 'A key file; made at first start when it does not exist.' }),
      path: Type.String({ description: 'Where the key file is; relative to the data directory.' }),
    },
    strict,
  ),
  Type.Object(
    {
      id: name('Names the copy of the root key that it opens.'),
      type: Type.Literal('shares', {
        description: 'Shamir shares, placed as files while the server starts; made by `coffer shares`.',
      }),
      files: Type.Array(Type.String(), {
        minItems: 2,
        maxItems: 16,
        description: 'Where share files may be placed; relative to the data directory.',
      }),
      threshold: Type.Integer({ minimum: 2, maximum: 16, description: 'How many shares suffice.' }),
    },
    strict,
  ),
]);

const Hsm = Type.Union([
  Type.Object(
    {
      name: name('What API callers ask for.'),
      vendor: Type.Literal('softhsm2', {
        description: 'A stock of SoftHSM2 tokens, made on demand in the data directory.',
      }),
      library: Type.String({ default: '/usr/lib/softhsm/libsofthsm2.so', description: 'The PKCS#11 module.' }),
      count: Type.Integer({ minimum: 1, maximum: 256, default: 16, description: 'How many HSMs can be made.' }),
    },
    strict,
  ),
  Type.Object(
    {
      name: name('What API callers ask for.'),
      vendor: Type.Literal('pkcs11', { description: 'One token of any PKCS#11 module.' }),
      library: Type.String({ description: 'The PKCS#11 module.' }),
      tokenLabel: Type.Optional(Type.String({ description: 'Label of the token; or name it by `serial`.' })),
      serial: Type.Optional(Type.String({ description: 'Serial number of the token.' })),
      soPinFile: Type.String({
        description: 'File with the security officer PIN; relative to the configuration file.',
      }),
      kwpMechanism: Type.Optional(
        Type.Union([Type.Literal(0x210a), Type.Literal(0x210b)], {
          description:
            'Code by which the module knows AES key wrap with padding (RFC 5649): 0x210A (8458) in modules older than PKCS#11 3.0, 0x210B (8459) since; the latter when left out.',
        }),
      ),
      environment: Type.Optional(
        Type.Record(Type.String(), Type.String(), {
          description:
            "Variables that the module wants; the HSM's process gets no others. Passed on as they are, paths too.",
        }),
      ),
    },
    strict,
  ),
]);

const rate = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

const Throttle = Type.Object(
  {
    symmetric: rate('Encrypting, decrypting, data keys.'),
    asymmetric: rate('Signatures and asymmetric encryption.'),
    management: rate('Calls that change something.'),
    query: rate('Calls that look something up.'),
    sts: rate('STS.'),
    trail: rate('LookupEvents.'),
  },
  {
    ...strict,
    default: {},
    description: 'Calls per second and account, per class, per node. A class left out is not limited.',
  },
);

const Limits = Type.Object(
  {
    requestBytes: Type.Integer({
      minimum: 65_536,
      maximum: 16_777_216,
      default: 1_048_576,
      description: 'Largest request body, in bytes.',
    }),
    requestsInFlight: Type.Integer({
      minimum: 16,
      maximum: 100_000,
      default: 2_000,
      description: 'Requests served at once; more are answered ServiceUnavailable.',
    }),
    keyStoresPerRegion: Type.Integer({
      minimum: 1,
      default: 10,
      description: 'Private key stores per account and region.',
    }),
    keysPerRegion: Type.Integer({ minimum: 1, default: 1_000_000, description: 'Keys per account and region.' }),
    aliasesPerRegion: Type.Integer({ minimum: 1, default: 1_000_000, description: 'Aliases per account and region.' }),
    recordCacheEntries: Type.Integer({ minimum: 1_000, default: 100_000, description: 'Records kept in memory.' }),
    memoCacheEntries: Type.Integer({
      minimum: 100,
      default: 20_000,
      description: 'Compiled policies and other derived values kept in memory.',
    }),
  },
  { ...strict, default: {}, description: 'Bounds of the server and of an account.' },
);

const ramQuota = (description: string, fallback: number) =>
  Type.Integer({ minimum: 1, default: fallback, description: `${description} The vendor's limit is ${fallback}.` });

const RamQuotas = Type.Object(
  {
    users: ramQuota('RAM users of an account.', RAM_QUOTAS.users),
    groups: ramQuota('RAM groups of an account.', RAM_QUOTAS.groups),
    groupsPerUser: ramQuota('Groups a user may be in.', RAM_QUOTAS.groupsPerUser),
    accessKeysPerUser: ramQuota('AccessKeys of a user, or of the root user.', RAM_QUOTAS.accessKeysPerUser),
    roles: ramQuota('Roles of an account; service-linked roles are made beyond it.', RAM_QUOTAS.roles),
    policies: ramQuota('Custom policies of an account.', RAM_QUOTAS.policies),
    versionsPerPolicy: ramQuota('Versions of a custom policy.', RAM_QUOTAS.versionsPerPolicy),
    customPoliciesPerUser: ramQuota('Custom policies attached to a user.', RAM_QUOTAS.customPoliciesPerUser),
    customPoliciesPerGroup: ramQuota('Custom policies attached to a group.', RAM_QUOTAS.customPoliciesPerGroup),
    customPoliciesPerRole: ramQuota('Custom policies attached to a role.', RAM_QUOTAS.customPoliciesPerRole),
    systemPoliciesPerEntity: ramQuota(
      'System policies attached to a user, group or role.',
      RAM_QUOTAS.systemPoliciesPerEntity,
    ),
  },
  { ...strict, default: {}, description: 'How many identities and policies an account may have.' },
);

/** The configuration file, with every key explained. `docs/reference/configuration.md` is generated from this. */
export const ConfigSchema = Type.Object(
  {
    mode: Type.Union([Type.Literal('production'), Type.Literal('development')], {
      default: 'production',
      description: 'A development server accepts moving its clock forward; nothing else differs.',
    }),
    accountId: Type.Optional(
      Type.String({
        pattern: '^[0-9]{16}$',
        description:
          'Id of the account that a first start makes; drawn at random when left out. Later starts refuse another one.',
      }),
    ),
    region: Type.String({
      default: 'cn-hangzhou',
      pattern: '^[a-z]{2,}(-[a-z0-9]+)+$',
      description: 'The region this deployment serves, and where requests that name none go.',
    }),
    furtherRegions: Type.Array(Type.String({ pattern: '^[a-z]{2,}(-[a-z0-9]+)+$' }), {
      default: [],
      description: 'Regions served beside it, chosen by the host name or the RegionId of a request.',
    }),
    dataDir: Type.String({
      default: '.coffer',
      description:
        'Where the database, HSM tokens, keys and certificates are kept; relative to the configuration file. Mode 0700.',
    }),
    listen: Type.Array(Listener, {
      minItems: 1,
      maxItems: 16,
      default: [
        { host: '127.0.0.1', port: 9080, tls: false },
        { host: '127.0.0.1', port: 9443, tls: true },
      ],
      description: 'Where the server listens; every listener serves every product.',
    }),
    tls: Tls,
    storage: Storage,
    unwrappers: Type.Array(Unwrapper, {
      minItems: 1,
      maxItems: 8,
      default: [{ id: 'key-file', type: 'file', path: 'root-unwrap.key' }],
      description:
        'Independent ways to open the root key under which everything is sealed. Any one that works suffices.',
    }),
    hsms: Type.Array(Hsm, {
      maxItems: 64,
      default: [{ name: 'softhsm', vendor: 'softhsm2', count: 16 }],
      description: 'The HSMs that may be handed out. API callers name them by `name`, never by path.',
    }),
    throttle: Throttle,
    limits: Limits,
    ramQuotas: RamQuotas,
    log: Type.Object(
      {
        level: Type.Union([Type.Literal('error'), Type.Literal('warn'), Type.Literal('info'), Type.Literal('debug')], {
          default: 'info',
          description: 'Structured logs (JSON lines on standard error) from this level on.',
        }),
      },
      { ...strict, default: {}, description: 'The log.' },
    ),
    metrics: Type.Object(
      {
        port: Type.Optional(Type.Integer({ ...PORT, description: 'Port of the metrics listener; none without.' })),
        host: Type.String({ default: '127.0.0.1', description: 'Address of the metrics listener.' }),
      },
      {
        ...strict,
        default: {},
        description:
          'With a `port`, Prometheus metrics are also served there, in plain HTTP, without health pages. `/-/metrics` on the API port answers loopback clients only.',
      },
    ),
    shutdownGraceSeconds: Type.Integer({
      minimum: 1,
      maximum: 600,
      default: 20,
      description: 'How long a stop waits for requests and tasks.',
    }),
  },
  strict,
);

export type Config = Static<typeof ConfigSchema>;
