/**
 * The policy engine at 10, 100 and 1,000 statements, against casbin and Cedar's WebAssembly build on the same question.
 *
 * The question: alice has one statement per key (two actions, a resource with the customary `*` for the region, a
 * condition on her address) and one Deny; she asks for keys at random, some not hers, some from outside her network.
 * All three engines must give the same answers before anything is measured. `--save` writes bench/results/policy.json.
 *
 * A second shape, for this engine alone, is the worst it can be asked: every statement is about every action and
 * resource, so that no index helps and each condition is evaluated.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { compilePolicy, compileSet } from '../src/policy/compile.ts';
import { decide } from '../src/policy/decide.ts';
import { parsePolicy } from '../src/policy/document.ts';
import type { DecisionRequest, PolicySet } from '../src/policy/types.ts';

const ACCOUNT = '1000000000000001';
const SIZES = [10, 100, 1000] as const;
const QUESTIONS = 2048;
const WARM_UP_MS = 300;
const RATE_MS = 500;
const STRETCHES = 5;
const LATENCY_MS = 450;

interface Question {
  readonly action: string;
  readonly key: string;
  readonly arn: string;
  readonly ip: string;
}

/** One decision by one engine on the n-th question. */
type Engine = (n: number) => boolean;

interface Figures {
  readonly shape: string;
  readonly statements: number;
  readonly engine: string;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Small, repeatable and good enough to spread questions over keys. */
function sequence(): (below: number) => number {
  let state = 20_260_301;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function questions(statements: number): readonly Question[] {
  const next = sequence();
  return Array.from({ length: QUESTIONS }, () => {
    const key = next(10) === 0 ? `other${next(statements)}` : `k${next(statements)}`;
    return {
      action: next(8) === 0 ? 'kms:ScheduleKeyDeletion' : 'kms:Decrypt',
      key,
      arn: `acs:kms:cn-hangzhou:${ACCOUNT}:key/${key}`,
      ip: next(10) === 0 ? '198.51.100.7' : '203.0.113.10',
    };
  });
}

function engineOf(set: PolicySet, asked: readonly Question[]): Engine {
  const requests = asked.map(
    ({ action, arn, ip }): DecisionRequest => ({
      action,
      resources: [arn],
      resourceAccount: ACCOUNT,
      principal: {
        kind: 'user',
        account: ACCOUNT,
        userId: '200000000000000011',
        arn: `acs:ram::${ACCOUNT}:user/alice`,
        name: 'alice',
      },
      context: new Map([
        ['acs:SourceIp', ip],
        ['acs:SecureTransport', 'true'],
        ['acs:MFAPresent', 'false'],
        ['acs:CurrentTime', '2026-03-01T08:00:00Z'],
      ]),
      policies: { account: set },
    }),
  );
  return (n) => decide(requests[n % QUESTIONS]!).allowed;
}

function setOf(statements: readonly object[]): PolicySet {
  const document = parsePolicy(JSON.stringify({ Version: '1', Statement: statements }), 'identity');
  return compileSet([compilePolicy(document, { identifier: 'bench', type: 'Custom' })]);
}

function coffer(statements: number, asked: readonly Question[]): Engine {
  const allows = Array.from({ length: statements - 1 }, (_, i) => ({
    Effect: 'Allow',
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:Schedule*'],
    Resource: `acs:kms:*:${ACCOUNT}:key/k${i}`,
    Condition: { IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } },
  }));
  const deny = { Effect: 'Deny', Action: 'kms:ScheduleKeyDeletion', Resource: `acs:kms:*:${ACCOUNT}:key/*` };
  return engineOf(setOf([...allows, deny]), asked);
}

/** Every statement is about everything; each has its own address range, so that nothing is shared either. */
function cofferAtWorst(statements: number, asked: readonly Question[]): Engine {
  const allows = Array.from({ length: statements }, (_, i) => ({
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition: {
      IpAddress: { 'acs:SourceIp': i % 2 === 0 ? `203.0.113.0/${8 + (i % 16)}` : `10.${i >> 8}.${i & 255}.0/24` },
    },
  }));
  return engineOf(setOf(allows), asked);
}

function cedar(statements: number, asked: readonly Question[]): Engine {
  const allows = Array.from(
    { length: statements - 1 },
    (_, i) => `permit(principal == User::"alice", action, resource) when {
      [Action::"kms:Encrypt", Action::"kms:Decrypt", Action::"kms:ScheduleKeyDeletion"].contains(action) &&
      context.arn like "acs:kms:*:${ACCOUNT}:key/k${i}" && context.ip.isInRange(ip("203.0.113.0/24")) };`,
  );
  const deny = `forbid(principal == User::"alice", action == Action::"kms:ScheduleKeyDeletion", resource)
    when { context.arn like "acs:kms:*:${ACCOUNT}:key/*" };`;
  const id = `bench-${statements}`;
  const parsed = preparsePolicySet(id, { staticPolicies: [...allows, deny].join('\n') });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
  const calls = asked.map(({ action, key, arn, ip }) => ({
    principal: { type: 'User', id: 'alice' },
    action: { type: 'Action', id: action },
    resource: { type: 'Key', id: key },
    context: { arn, ip: { __extn: { fn: 'ip', arg: ip } } },
    preparsedPolicySetId: id,
    validateRequest: false,
    entities: [],
  }));
  return (n) => {
    const answer = statefulIsAuthorized(calls[n % QUESTIONS]!);
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer));
    return answer.response.decision === 'allow';
  };
}

const CASBIN_MODEL = `
[request_definition]
r = sub, obj, act, ip
[policy_definition]
p = sub, obj, act, ip, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.sub == p.sub && (p.act == "crypto" || r.act == p.act) && keyMatch(r.obj, p.obj) && ipMatch(r.ip, p.ip)
`;

/** keyMatch has no `*` in the middle, so the region is written out: an easier question than the others get. */
async function casbin(statements: number, asked: readonly Question[]): Promise<Engine> {
  const arn = `acs:kms:cn-hangzhou:${ACCOUNT}:key/`;
  const rows = Array.from({ length: statements - 1 }, (_, i) => `p, alice, ${arn}k${i}, crypto, 203.0.113.0/24, allow`);
  rows.push(`p, alice, ${arn}*, kms:ScheduleKeyDeletion, 0.0.0.0/0, deny`);
  const enforcer = await newEnforcer(newModelFromString(CASBIN_MODEL), new StringAdapter(rows.join('\n')));
  return (n) => {
    const { action, arn: resource, ip } = asked[n % QUESTIONS]!;
    return enforcer.enforceSync('alice', resource, action, ip);
  };
}

function run(engine: Engine, forMs: number): { readonly decisions: number; readonly elapsedMs: number } {
  const start = performance.now();
  let decisions = 0;
  let elapsedMs = 0;
  while (elapsedMs < forMs) {
    const until = decisions + 16;
    while (decisions < until) {
      engine(decisions);
      decisions += 1;
    }
    elapsedMs = performance.now() - start;
  }
  return { decisions, elapsedMs };
}

function latenciesUs(engine: Engine): readonly number[] {
  const found: number[] = [];
  const end = performance.now() + LATENCY_MS;
  for (let n = 0, before = performance.now(); before < end; n += 1) {
    engine(n);
    const after = performance.now();
    found.push((after - before) * 1000);
    before = performance.now();
  }
  return found.sort((a, b) => a - b);
}

/** The rate is the median of several stretches, so that a neighbour's burst on the machine does not decide it. */
function measure(shape: string, statements: number, name: string, engine: Engine): Figures {
  run(engine, WARM_UP_MS);
  const rates = Array.from({ length: STRETCHES }, () => {
    const { decisions, elapsedMs } = run(engine, RATE_MS / STRETCHES);
    return (decisions / elapsedMs) * 1000;
  }).sort((a, b) => a - b);
  const sorted = latenciesUs(engine);
  const at = (share: number): number => Number(sorted[Math.floor(sorted.length * share)]!.toFixed(2));
  const perSecond = Math.round(rates[Math.floor(STRETCHES / 2)]!);
  return { shape, statements, engine: name, perSecond, p50Us: at(0.5), p99Us: at(0.99) };
}

function mustAgree(engines: Readonly<Record<string, Engine>>): void {
  const answers = Object.entries(engines).map(([name, engine]) => {
    return { name, verdicts: Array.from({ length: 64 }, (_, n) => engine(n)).join(' ') };
  });
  if (new Set(answers.map(({ verdicts }) => verdicts)).size > 1) throw new Error(JSON.stringify(answers, null, 2));
}

const results: (Figures & { readonly cofferIsFasterBy?: number })[] = [];

function report(figures: Figures, coffer?: Figures): Figures {
  const ratio = coffer && { cofferIsFasterBy: Number((coffer.perSecond / figures.perSecond).toFixed(1)) };
  results.push({ ...figures, ...ratio });
  console.log(JSON.stringify(results.at(-1)));
  return figures;
}

for (const statements of SIZES) {
  const asked = questions(statements);
  const engines = {
    coffer: coffer(statements, asked),
    casbin: await casbin(statements, asked),
    cedar: cedar(statements, asked),
  };
  mustAgree(engines);
  const ours = report(measure('statement per key', statements, 'coffer', engines.coffer));
  report(measure('statement per key', statements, 'casbin', engines.casbin), ours);
  report(measure('statement per key', statements, 'cedar-wasm', engines.cedar), ours);
  report(measure('every statement applies', statements, 'coffer', cofferAtWorst(statements, asked)));
}

console.log('');
console.table(results);

function installed(name: string): string {
  const path = join(import.meta.dirname, '..', 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

if (process.argv.includes('--save')) {
  const folder = join(import.meta.dirname, 'results');
  const environment = {
    takenAt: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    casbin: installed('casbin'),
    cedarWasm: installed('@cedar-policy/cedar-wasm'),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'policy.json'), `${JSON.stringify({ environment, results }, null, 2)}\n`);
}
