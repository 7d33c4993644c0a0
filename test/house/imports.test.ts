import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * Who may import whom, by folder. Anything not listed is a fault. A product's folder may import itself, never another
 * product's; `operations/<product>` lists what it may import besides what all products may.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  errors: ['core'],
  schema: ['core'],
  wire: ['core', 'errors'],
  policy: ['core'],
  crypto: ['core', 'errors'],
  domain: ['core', 'errors', 'policy', 'crypto'],
  operation: ['core', 'errors', 'schema', 'domain'],
  pipeline: ['core', 'errors', 'schema', 'domain', 'operation'],
  storage: ['core', 'domain'],
  seal: ['core', 'domain'],
  tasks: ['core', 'domain'],
  access: ['core', 'errors', 'domain', 'policy', 'operation', 'pipeline', 'slr'],
  places: ['core', 'errors', 'schema', 'domain', 'operation'],
  slr: ['core', 'errors', 'schema', 'domain', 'policy', 'operation'],
  keystore: ['core', 'errors', 'domain', 'crypto', 'operation'],
  network: ['core', 'domain'],
  'hsm-tasks': ['core', 'domain'],
  hsm: ['core', 'domain', 'hsm-worker'],
  'hsm-worker': ['core', 'domain'],
  'kms-tasks': ['core', 'errors', 'domain', 'crypto', 'operation', 'keystore'],
  operations: ['core', 'errors', 'schema', 'domain', 'operation'],
  'operations/ecs': ['places'],
  'operations/kms': ['crypto', 'keystore'],
  'operations/ram': ['policy', 'slr'],
  'operations/resourcemanager': ['slr'],
  'operations/sts': ['policy'],
  'operations/vpc': ['places'],
  server: ['*'],
  cli: ['*'],
};

/**
 * Who may know the records of an area: a folder of `domain`, which every other area leaves alone. Products reach one
 * another by calling operations with somebody's rights, so that no records are read behind RAM's back. Files directly
 * in `domain` hold no product's records and are everybody's.
 */
const KNOWS: Readonly<Record<string, readonly string[]>> = {
  'domain/kms': ['keystore', 'kms-tasks', 'operations/kms'],
  'domain/ram': ['access', 'slr', 'operations/ram', 'operations/resourcemanager', 'operations/sts'],
  'domain/network': ['network', 'places', 'operations/ecs', 'operations/vpc'],
  'domain/hsm-service': ['hsm-tasks', 'operations/hsm'],
};

/** From (a folder or a file), to (a file), and why that is no back door. */
const EXCEPTIONS: readonly (readonly [from: string, to: string, why: string])[] = [
  ['keystore', 'domain/network/fabric.ts', 'the port that stands for cables and addresses; holds no records'],
  ['keystore/fabric-paths.ts', 'domain/network/reach.ts', 'the port number, and the reasons the fabric gives'],
  [
    'keystore/cluster-view.ts',
    'domain/hsm-service/instance-states.ts',
    'the numbers DescribeInstances writes for states',
  ],
  ['network/fabric.ts', 'domain/hsm-service/cluster.ts', 'a packet filter applies the white list, whoever sends'],
  ['network/fabric.ts', 'domain/hsm-service/instance.ts', 'a network knows what is plugged in at an address'],
  ['operations/hsm', 'domain/network/vpc.ts', 'an HSM stands in a vSwitch of its owner'],
  ['operations/hsm/DescribeRegions.ts', 'domain/network/zones.ts', 'names made of the region'],
  ['operations/hsm/_address.ts', 'domain/network/addresses.ts', 'and takes an address there'],
  ['operations/hsm/_join.ts', 'domain/network/addresses.ts', 'which must be free before it is made a member'],
  ['hsm-tasks/wipe.ts', 'domain/network/addresses.ts', 'which it gives back when it goes'],
  ['domain/hsm-service/whitelist.ts', 'domain/network/cidr.ts', 'arithmetic'],
  ['slr/catalogue.ts', 'domain/kms/key-store-role.ts', 'names only'],
  ['domain/ram/system-policies.ts', 'domain/kms/key-store-role.ts', 'names only'],
  ['domain/kms/key-store-usage.ts', 'domain/ram/role-usage.ts', 'the shape of the question KMS answers'],
  ['server/product-ports.ts', 'domain/kms/cluster-usage.ts', 'hands the HSM service a yes or no: is a store connected'],
  ['server/product-ports.ts', 'domain/kms/key-store-role.ts', 'names only'],
  ['server/product-ports.ts', 'domain/kms/key-store-usage.ts', 'hands the answer of KMS to the deletion of its role'],
  // KMS must know inside its own transaction, for a caller who may not look into RAM, and before there is a role to ask
  // as: so the root hands it this one answer, yes or no, about a role of its own.
  ['server/product-ports.ts', 'domain/ram/role.ts', 'whether the role linked to a service exists: `linkedRoleExists`'],
  ['server/product-ports.ts', 'domain/ram/session.ts', 'a type'],
  ['server/product-ports.ts', 'domain/hsm-service/claims.ts', 'what is in hand at the moment, in memory'],
  ['server/gauges.ts', 'domain/kms/connection-states.ts', 'the names of the states'],
  ['server/product-ports.ts', 'domain/kms/backend.ts', 'a type'],
  ['server/doctor/key-stores.ts', 'domain/kms/key-store.ts', 'which stores there are, and how they fare'],
  ['server/gauges.ts', 'domain/kms/key-store.ts', 'how many stores are in each, for the metrics'],
  ['server/config/schema.ts', 'domain/ram/quotas.ts', 'the defaults'],
  ['server/coffer.ts', 'domain/ram/account.ts', 'whose deployment this is'],
  ['server/doctor/doctor.ts', 'domain/ram/account.ts', 'whose deployment this is'],
  ['server/doctor/database.ts', 'domain/ram/account.ts', "whether it is anybody's"],
];

/** Imported by nobody but themselves and the program's entry. */
const TOPS = ['server', 'cli'];

const SRC = join(import.meta.dirname, '..', '..', 'src');

interface Arrow {
  readonly from: string;
  readonly to: string;
}

function arrows(): Arrow[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);
    return found.map((target) => ({ from: file, to: relative(SRC, resolve(SRC, dirname(file), target)) }));
  });
}

const top = (file: string): string => file.split('/')[0]!;

const within = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);

const excepts = ({ from, to }: Arrow, [who, what]: (typeof EXCEPTIONS)[number]): boolean =>
  within(from, who) && to === what;

/** Whether it looks into the records of an area that is not its own. */
function prying(arrow: Arrow): boolean {
  const area = Object.keys(KNOWS).find((folder) => within(arrow.to, folder));
  if (area === undefined || within(arrow.from, area)) return false;
  if (KNOWS[area]!.some((folder) => within(arrow.from, folder))) return false;
  return !EXCEPTIONS.some((exception) => excepts(arrow, exception));
}

function wrong(arrow: Arrow): boolean {
  const { from, to } = arrow;
  const [here, there] = [top(from), top(to)];
  if (to.startsWith('..')) return !(here === 'cli' || here === 'server');
  if (here === 'operations' && there === 'operations') {
    return from !== 'operations/index.ts' && dirname(from) !== dirname(to);
  }
  if (prying(arrow)) return true;
  if (here === there) return false;
  if (TOPS.includes(there) && !(here === 'cli' && there === 'server')) return true;
  const allowed = [...(ALLOWED[here] ?? []), ...(ALLOWED[dirname(from)] ?? [])];
  return !(allowed.includes('*') || allowed.includes(there));
}

it('follows the import directions', () => {
  const all = arrows();
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter(wrong).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

it.each([
  ['operations/kms/CreateKeyStore.ts', 'domain/ram/role.ts'],
  ['operations/kms/CreateKeyStore.ts', 'domain/hsm-service/instance.ts'],
  ['operations/kms/CreateKeyStore.ts', 'domain/network/vpc.ts'],
  ['operations/kms/CreateKeyStore.ts', 'operations/ram/_role.ts'],
  ['operations/kms/CreateKeyStore.ts', 'slr/catalogue.ts'],
  ['keystore/cluster-view.ts', 'domain/hsm-service/instance.ts'],
  ['keystore/connect/attempt.ts', 'domain/network/network-interface.ts'],
  ['keystore/connect/attempt.ts', 'network/fabric.ts'],
  ['kms-tasks/key-deletion.ts', 'domain/ram/user.ts'],
  ['operations/ram/DeleteRole.ts', 'domain/kms/key-store.ts'],
  ['operations/vpc/DeleteVpc.ts', 'domain/hsm-service/instance.ts'],
  ['domain/kms/key-store-usage.ts', 'domain/ram/role.ts'],
  ['domain/storage.ts', 'domain/kms/key.ts'],
  ['storage/open.ts', 'domain/kms/key.ts'],
  ['pipeline/execute.ts', 'operations/index.ts'],
])('would refuse %s -> %s', (from, to) => {
  expect(wrong({ from, to })).toBe(true);
});

it('has no exception that nobody needs', () => {
  const all = arrows();
  const idle = EXCEPTIONS.filter((exception) => !all.some((arrow) => excepts(arrow, exception)));
  expect(idle).toEqual([]);
});

it('knows every folder of src', () => {
  const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((entry) => entry.name).filter((name) => !Object.hasOwn(ALLOWED, name))).toEqual([]);
  const areas = readdirSync(join(SRC, 'domain'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(areas.map((entry) => `domain/${entry.name}`).filter((name) => !Object.hasOwn(KNOWS, name))).toEqual([]);
});

it('has no import circles', () => {
  const graph = new Map<string, string[]>();
  for (const { from, to } of arrows()) graph.set(from, [...(graph.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  expect(circles).toEqual([]);
});
