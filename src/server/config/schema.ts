import * as v from 'valibot';
import { RAM_QUOTAS } from '../../domain/ram/quotas.ts';

const text = (meaning: string) => v.pipe(v.string(), v.description(meaning));
const flag = (meaning: string) => v.pipe(v.boolean(), v.description(meaning));
const matching = (pattern: RegExp, meaning: string) => v.pipe(v.string(), v.regex(pattern), v.description(meaning));
const from = (least: number, meaning: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.description(meaning));
const between = (least: number, most: number, meaning: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.description(meaning));
/** What tells one branch of a choice from the others. */
const being = <const T extends string>(word: T, meaning: string) => v.pipe(v.literal(word), v.description(meaning));
const oneOf = <const T extends readonly (string | number)[]>(words: T, meaning: string) =>
  v.pipe(v.picklist(words), v.description(meaning));
const part = <const T extends v.ObjectEntries>(members: T, meaning: string) =>
  v.pipe(v.object(members), v.description(meaning));

const name = (what: string) =>
  matching(/^[a-z0-9][a-z0-9-]{0,31}$/, `${what} 1 to 32 lower-case letters, digits and hyphens; used once.`);
const port = (meaning: string) => between(0, 65_535, meaning);
const REGION = /^(?=.{1,64}$)[a-z]{2,}(-[a-z0-9]+)+$/;

const Listener = v.object({
  host: v.optional(text('Address to bind. Addresses other than loopback need `tls: true`.'), '127.0.0.1'),
  port: port('Port; 0 lets the system choose one.'),
  tls: v.optional(flag('Serve HTTPS with the certificate described under `tls`.'), false),
});

const Tls = part(
  {
    names: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description(
          'Further DNS names and addresses in the certificate. `kms.<region>.aliyuncs.com` and its siblings, `localhost`, loopback and every host that an HTTPS listener names (not `0.0.0.0` or `::`) are always in it.',
        ),
      ),
      [],
    ),
    certificateFile: v.exactOptional(
      text(
        'PEM chain of your own, instead of one by the private CA made at first start; relative to the configuration file. Needs `keyFile`.',
      ),
    ),
    keyFile: v.exactOptional(text('PEM private key to `certificateFile`; relative to the configuration file.')),
  },
  'The certificate of the HTTPS listeners.',
);

const Storage = v.pipe(
  v.variant('kind', [
    v.object({ kind: being('sqlite', 'Embedded database in the data directory; one process.') }),
    v.object({
      kind: being('postgres', 'PostgreSQL 14 or later; any number of Coffer nodes over one database.'),
      url: v.exactOptional(text('`postgres://user:password@host:port/database`.')),
      urlFile: v.exactOptional(
        text(
          'File that holds the URL, so that the password is not in this file; not readable for everybody; relative to the data directory.',
        ),
      ),
      poolSize: v.optional(between(2, 100, 'Connections per node.'), 10),
      caFile: v.exactOptional(
        text(
          "PEM of the CA that signed the database server's certificate, relative to the configuration file; turns TLS with verification on.",
        ),
      ),
    }),
  ]),
  v.description('The database.'),
);

const Unwrapper = v.variant('type', [
  v.object({
    id: name('Names the copy of the root key that it opens.'),
    type: being('file', 'A key file; made at first start when it does not exist.'),
    path: text('Where the key file is; relative to the data directory.'),
  }),
  v.object({
    id: name('Names the copy of the root key that it opens.'),
    type: being('shares', 'Shamir shares, placed as files while the server starts; made by `coffer shares`.'),
    files: v.pipe(
      v.array(v.string()),
      v.minLength(2),
      v.maxLength(16),
      v.description('Where share files may be placed; relative to the data directory.'),
    ),
    threshold: between(2, 16, 'How many shares suffice.'),
  }),
]);

const Hsm = v.variant('vendor', [
  v.object({
    name: name('What API callers ask for.'),
    vendor: being('softhsm2', 'A stock of SoftHSM2 tokens, made on demand in the data directory.'),
    library: v.optional(text('The PKCS#11 module.'), '/usr/lib/softhsm/libsofthsm2.so'),
    count: v.optional(between(1, 256, 'How many HSMs can be made.'), 16),
  }),
  v.object({
    name: name('What API callers ask for.'),
    vendor: being('pkcs11', 'One token of any PKCS#11 module.'),
    library: text('The PKCS#11 module.'),
    tokenLabel: v.exactOptional(text('Label of the token; or name it by `serial`.')),
    serial: v.exactOptional(text('Serial number of the token.')),
    soPinFile: text('File with the security officer PIN; relative to the configuration file.'),
    kwpMechanism: v.exactOptional(
      oneOf(
        [0x210a, 0x210b],
        'Code by which the module knows AES key wrap with padding (RFC 5649): 0x210A (8458) in modules older than PKCS#11 3.0, 0x210B (8459) since; the latter when left out.',
      ),
    ),
    environment: v.exactOptional(
      v.pipe(
        v.record(v.string(), v.string()),
        v.description(
          "Variables that the module wants; the HSM's process gets no others. Passed on as they are, paths too.",
        ),
      ),
    ),
  }),
]);

const rate = (meaning: string) => v.exactOptional(from(1, meaning));

const Throttle = part(
  {
    symmetric: rate('Encrypting, decrypting, data keys.'),
    asymmetric: rate('Signatures and asymmetric encryption.'),
    management: rate('Calls that change something.'),
    query: rate('Calls that look something up.'),
    sts: rate('STS.'),
    trail: rate('LookupEvents.'),
  },
  'Calls per second and account, per class, per node. A class left out is not limited.',
);

const Limits = part(
  {
    requestBytes: v.optional(between(65_536, 16_777_216, 'Largest request body, in bytes.'), 1_048_576),
    requestsInFlight: v.optional(
      between(16, 100_000, 'Requests served at once; more are answered ServiceUnavailable.'),
      2_000,
    ),
    keyStoresPerRegion: v.optional(from(1, 'Private key stores per account and region.'), 10),
    keysPerRegion: v.optional(from(1, 'Keys per account and region.'), 1_000_000),
    aliasesPerRegion: v.optional(from(1, 'Aliases per account and region.'), 1_000_000),
    recordCacheEntries: v.optional(from(1_000, 'Records kept in memory.'), 100_000),
    memoCacheEntries: v.optional(from(100, 'Compiled policies and other derived values kept in memory.'), 20_000),
  },
  'Bounds of the server and of an account.',
);

const ramQuota = (meaning: string, vendors: number) =>
  v.optional(from(1, `${meaning} The vendor's limit is ${vendors}.`), vendors);

const RamQuotas = part(
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
  'How many identities and policies an account may have.',
);

const Log = part(
  {
    level: v.optional(
      oneOf(['error', 'warn', 'info', 'debug'], 'Structured logs (JSON lines on standard error) from this level on.'),
      'info',
    ),
  },
  'The log.',
);

const Metrics = part(
  {
    port: v.exactOptional(port('Port of the metrics listener; none without.')),
    host: v.optional(text('Address of the metrics listener.'), '127.0.0.1'),
  },
  'With a `port`, Prometheus metrics are also served there, in plain HTTP, without health pages. `/-/metrics` on the API port answers loopback clients only.',
);

/** The configuration file, with every key explained. `docs/reference/configuration.md` is generated from this. */
export const ConfigSchema = v.object({
  mode: v.optional(
    oneOf(
      ['production', 'development'],
      'A development server accepts moving its clock forward; nothing else differs.',
    ),
    'production',
  ),
  accountId: v.exactOptional(
    matching(
      /^[0-9]{16}$/,
      'Id of the account that a first start makes; drawn at random when left out. Later starts refuse another one.',
    ),
  ),
  region: v.optional(
    matching(REGION, 'The region this deployment serves, and where requests that name none go.'),
    'cn-hangzhou',
  ),
  furtherRegions: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(REGION))),
      v.description('Regions served beside it, chosen by the host name or the RegionId of a request.'),
    ),
    [],
  ),
  dataDir: v.optional(
    text(
      'Where the database, HSM tokens, keys and certificates are kept; relative to the configuration file. Mode 0700.',
    ),
    '.coffer',
  ),
  listen: v.optional(
    v.pipe(
      v.array(Listener),
      v.minLength(1),
      v.maxLength(16),
      v.description('Where the server listens; every listener serves every product.'),
    ),
    [
      { host: '127.0.0.1', port: 9080, tls: false },
      { host: '127.0.0.1', port: 9443, tls: true },
    ],
  ),
  tls: v.optional(Tls, {}),
  storage: v.optional(Storage, { kind: 'sqlite' }),
  unwrappers: v.optional(
    v.pipe(
      v.array(Unwrapper),
      v.minLength(1),
      v.maxLength(8),
      v.description(
        'Independent ways to open the root key under which everything is sealed. Any one that works suffices.',
      ),
    ),
    [{ id: 'key-file', type: 'file', path: 'root-unwrap.key' }],
  ),
  hsms: v.optional(
    v.pipe(
      v.array(Hsm),
      v.maxLength(64),
      v.description('The HSMs that may be handed out. API callers name them by `name`, never by path.'),
    ),
    [{ name: 'softhsm', vendor: 'softhsm2', count: 16 }],
  ),
  throttle: v.optional(Throttle, {}),
  limits: v.optional(Limits, {}),
  ramQuotas: v.optional(RamQuotas, {}),
  log: v.optional(Log, {}),
  metrics: v.optional(Metrics, {}),
  shutdownGraceSeconds: v.optional(between(1, 600, 'How long a stop waits for requests and tasks.'), 20),
});

export type Config = v.InferOutput<typeof ConfigSchema>;
