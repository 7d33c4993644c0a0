import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run as shares } from '../../src/cli/shares.ts';
import type { Random } from '../../src/core/random.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { fileUnwrapper } from '../../src/seal/file-unwrapper.ts';
import { openRoot, proveUnwrappers, ROOT, ROOT_PLACE, RootLocked, unlockRoot } from '../../src/seal/root.ts';
import { formatShare, parseShare } from '../../src/seal/share.ts';
import { sharesUnwrapper } from '../../src/seal/shares-unwrapper.ts';
import { type Unwrapper, UnwrapperAway } from '../../src/seal/unwrapper.ts';
import { asOtherUser } from '../support/other-user.ts';
import { MAIN, runProgram } from '../support/program.ts';
import { describeStorages } from '../support/storage.ts';

const random: Random = { bytes: (count) => randomFillSync(new Uint8Array(count)) };
const hex = (secret: { reveal(): Uint8Array }) => Buffer.from(secret.reveal()).toString('hex');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coffer-root-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const file = (name: string) => fileUnwrapper(name, join(directory, name));

/** What `coffer shares` prints and writes: share files, as an unwrapper over them. */
async function sharesOf(set: string, count = 3, threshold = 2): Promise<{ files: string[]; unwrapper: Unwrapper }> {
  const out = join(directory, set);
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await shares(['--id', 'holders', '--shares', String(count), '--threshold', String(threshold), '--out', out]);
  print.mockRestore();
  const files = Array.from({ length: count }, (_, index) => join(out, `share-${index + 1}.txt`));
  return { files, unwrapper: sharesUnwrapper('holders', files, threshold) };
}

const reasons = async (opening: Promise<unknown>): Promise<string> => {
  const error = await opening.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RootLocked);
  return (error as RootLocked).message;
};

describeStorages('the root key', (open) => {
  const fresh = async (unwrappers: Unwrapper[]): Promise<{ storage: Storage; root: string }> => {
    const { storage } = await open();
    return { storage, root: hex(await openRoot(storage, unwrappers, random, true)) };
  };

  it('is made once, and opened by each unwrapper alone', async () => {
    const holders = await sharesOf('one');
    const { storage, root } = await fresh([file('a'), file('b'), holders.unwrapper]);
    for (const unwrapper of [file('a'), file('b'), holders.unwrapper]) {
      expect(hex(await openRoot(storage, [unwrapper], random, false))).toBe(root);
      expect(hex(await unlockRoot(storage, [unwrapper]))).toBe(root);
    }
  });

  it('opens although all unwrappers but one are lost', async () => {
    const { storage, root } = await fresh([file('a'), file('b')]);
    rmSync(join(directory, 'a'));
    expect(hex(await openRoot(storage, [file('a'), file('b')], random, false))).toBe(root);
    // One that has a copy is not given a new key, under which that copy would be lost.
    expect(existsSync(join(directory, 'a'))).toBe(false);
  });

  it('is copied for an unwrapper that is new', async () => {
    const { storage, root } = await fresh([file('a')]);
    expect(hex(await openRoot(storage, [file('a'), file('b')], random, false))).toBe(root);
    expect(hex(await openRoot(storage, [file('b')], random, false))).toBe(root);
  });

  it('waits with the copy for shares until enough of them are there', async () => {
    const { storage, root } = await fresh([file('a')]);
    const holders = await sharesOf('one');
    const kept = readFileSync(holders.files[1]!);
    for (const path of holders.files.slice(1)) rmSync(path);
    await openRoot(storage, [file('a'), holders.unwrapper], random, false);
    expect(await reasons(openRoot(storage, [holders.unwrapper], random, false))).toContain('no copy');
    writeFileSync(holders.files[1]!, kept);
    await openRoot(storage, [file('a'), holders.unwrapper], random, false);
    expect(hex(await openRoot(storage, [holders.unwrapper], random, false))).toBe(root);
  });

  it.each([
    ['lost', (path: string) => rmSync(path), 'cannot be read: ENOENT'],
    ['of another deployment', (path: string) => writeFileSync(path, `${'ab'.repeat(32)}\n`), 'does not open its copy'],
    ['cut off', (path: string) => writeFileSync(path, 'abcd'), 'does not hold 64 hex digits'],
    ['open to others', (path: string) => chmodSync(path, 0o640), 'can be read by others'],
  ])('stays locked with a key file that is %s', async (_, harm, reason) => {
    const { storage } = await fresh([file('a')]);
    harm(join(directory, 'a'));
    expect(await reasons(openRoot(storage, [file('a')], random, false))).toContain(reason);
    expect(await proveUnwrappers(storage, [file('a')])).toMatchObject([{ problem: { name: 'UnwrapperUnusable' } }]);
  });

  it('is not said to be out of reach of shares whose holders keep them, nor tried by them', async () => {
    const holders = await sharesOf('one');
    const { storage } = await fresh([file('a'), holders.unwrapper]);
    const why = async () => (await proveUnwrappers(storage, [holders.unwrapper]))[0]!.problem;
    expect(await why()).toBeUndefined();
    const kept = readFileSync(holders.files[0]!);
    for (const path of holders.files) rmSync(path);
    expect(await why()).toBeInstanceOf(UnwrapperAway);
    expect(await reasons(unlockRoot(storage, [holders.unwrapper]))).toContain('Ask 2 share holders');
    writeFileSync(holders.files[0]!, kept);
    expect(await why()).toMatchObject({ name: 'UnwrapperUnusable', message: 'only 1 of 2 shares are present' });
    // Before it has a copy, it is none.
    const other = { ...(await sharesOf('other')).unwrapper, id: 'others' };
    for (const path of readdirSync(join(directory, 'other'))) rmSync(join(directory, 'other', path));
    expect((await proveUnwrappers(storage, [other]))[0]!.problem).toMatchObject({
      message: expect.stringContaining('no copy'),
    });
  });

  it('is never made anew over a database that had one', async () => {
    const { storage } = await fresh([file('a')]);
    await storage.transaction((tx) => tx.remove(ROOT, ROOT_PLACE, 'root'));
    expect(await reasons(openRoot(storage, [file('a')], random, false))).toContain('record is missing');
    expect(await reasons(unlockRoot(storage, [file('a')]))).toContain('record is missing');
  });

  it('is one, when two first starts meet', async () => {
    const { storage } = await open();
    const unwrappers = [file('a')];
    const roots = await Promise.all([1, 2, 3].map(() => openRoot(storage, unwrappers, random, true)));
    expect(new Set(roots.map(hex)).size).toBe(1);
    expect(hex(await openRoot(storage, unwrappers, random, false))).toBe(hex(roots[0]!));
  });

  it('says why no unwrapper serves at a first start', async () => {
    const { storage } = await open();
    const holders = await sharesOf('one');
    rmSync(holders.files[0]!);
    rmSync(holders.files[1]!);
    writeFileSync(join(directory, 'plain'), '');
    const unwrappers = [holders.unwrapper, fileUnwrapper('blocked', join(directory, 'plain', 'key'))];
    const text = await reasons(openRoot(storage, unwrappers, random, true));
    expect(text).toContain('only 1 of 2 shares');
    expect(text).toContain('cannot be made');
    expect(await storage.reader.get(ROOT, ROOT_PLACE, 'root')).toBeUndefined();
  });

  it('is kept wrapped, never as it is', async () => {
    const { storage, root } = await fresh([file('a')]);
    const record = JSON.stringify(await storage.reader.get(ROOT, ROOT_PLACE, 'root'));
    expect(record).not.toContain(root);
    expect(record).not.toContain(Buffer.from(root, 'hex').toString('base64'));
  });
});

describe('a key file', () => {
  it('of another owner is not to be restored, but to be given to this user', async () => {
    const path = join(directory, 'key');
    await fileUnwrapper('a', path).create();
    chmodSync(directory, 0o755);
    chmodSync(path, 0o000);
    const failure = asOtherUser(() => fileUnwrapper('a', path).key());
    await expect(failure).rejects.toMatchObject({
      message: `key file ${path} cannot be read: EACCES`,
      advice: expect.stringMatching(/must own it.*chown \S+ .*chmod 600/),
    });
    rmSync(path);
    await expect(fileUnwrapper('a', path).key()).rejects.toMatchObject({ advice: expect.stringContaining('Restore') });
  });

  it('is made whole, for its owner only, and never replaced', async () => {
    const path = join(directory, 'deep', 'key');
    const unwrapper = fileUnwrapper('a', path);
    await Promise.all([unwrapper.create(), unwrapper.create()]);
    const first = readFileSync(path, 'utf8');
    await unwrapper.create();
    expect(readFileSync(path, 'utf8')).toBe(first);
    expect(readdirSync(join(directory, 'deep'))).toEqual(['key']);
    expect((await unwrapper.key()).length).toBe(32);
  });
});

describe('shares', () => {
  it('give the key in any selection of enough', async () => {
    const { files } = await sharesOf('one', 4, 3);
    const keys = new Set<string>();
    for (const left of [0, 1, 2, 3])
      keys.add(hex(await sharesUnwrapper('h', [...files.slice(0, left), ...files.slice(left + 1)], 3).key()));
    keys.add(hex(await sharesUnwrapper('h', files, 3).key()));
    expect(keys.size).toBe(1);
  });

  it.each([
    ['too few', (files: string[]) => rmSync(files[0]!), 'only 2 of 3'],
    ['copied', (files: string[]) => writeFileSync(files[0]!, readFileSync(files[1]!)), 'only 2 of 3'],
    [
      'damaged',
      // Whatever the digit is: the set is random, and a fixed digit would at times be the one that is there.
      (files: string[]) =>
        writeFileSync(
          files[0]!,
          readFileSync(files[0]!, 'utf8').replace(/:([^:])/, (_, digit) => (digit === '0' ? ':1' : ':0')),
        ),
      'damaged',
    ],
    ['empty', (files: string[]) => writeFileSync(files[0]!, ''), 'no share'],
  ])('that are %s say so', async (_, harm, reason) => {
    const { files } = await sharesOf('one', 3, 3);
    harm(files);
    await expect(sharesUnwrapper('h', files, 3).key()).rejects.toMatchObject({
      name: 'UnwrapperUnusable',
      message: expect.stringContaining(reason),
    });
  });

  it('that cannot be read are named, unless others suffice', async () => {
    const { files } = await sharesOf('one', 3, 2);
    chmodSync(directory, 0o755);
    chmodSync(join(directory, 'one'), 0o755);
    for (const path of files) chmodSync(path, 0o644);
    chmodSync(files[0]!, 0o000);
    const key = () => asOtherUser(() => sharesUnwrapper('h', files, 2).key());
    expect((await key()).length).toBe(32);
    for (const path of files.slice(1)) chmodSync(path, 0o000);
    await expect(key()).rejects.toMatchObject({
      name: 'UnwrapperUnusable',
      message: `share file ${files[0]} cannot be read: EACCES`,
      advice: expect.stringContaining(`chown`),
    });
    // Whether there are shares in a directory that cannot be entered is not known.
    chmodSync(join(directory, 'one'), 0o000);
    await expect(key()).rejects.toMatchObject({ message: expect.stringContaining('EACCES') });
    await expect(key()).rejects.not.toBeInstanceOf(UnwrapperAway);
    chmodSync(join(directory, 'one'), 0o700);
  });

  it('of different sets are not mixed up', async () => {
    const [one, other] = [await sharesOf('one'), await sharesOf('other')];
    const mixed = sharesUnwrapper('h', [one.files[0]!, other.files[1]!], 2);
    await expect(mixed.key()).rejects.toMatchObject({ message: expect.stringContaining('different runs') });
  });

  it('are written for their holders only, and never over others', async () => {
    const { files } = await sharesOf('one');
    const before = files.map((path) => readFileSync(path, 'utf8'));
    await expect(sharesOf('one')).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('never overwritten'),
    });
    expect(files.map((path) => readFileSync(path, 'utf8'))).toEqual(before);
    expect(before.every((text) => parseShare(text) !== undefined)).toBe(true);
  });

  it('are a whole set or none', async () => {
    const { files } = await sharesOf('one');
    rmSync(files[0]!);
    await expect(sharesOf('one')).rejects.toThrow('never overwritten');
    expect(readdirSync(join(directory, 'one'))).toEqual(['share-2.txt', 'share-3.txt']);
  });

  it('are none when the disk is full', async () => {
    const out = join(directory, 'full');
    // A limit of no bytes per file stands for a full disk: files are made, and hold nothing.
    const script = `ulimit -f 0; exec '${process.execPath}' '${MAIN}' shares --id h --shares 3 --threshold 2 --out '${out}' 2>&1`;
    const said = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(said).toMatchObject({ status: 1, stdout: expect.stringContaining('share-1.txt cannot be written (EFBIG)') });
    expect(readdirSync(out)).toEqual([]);
  });

  it('that cannot be written are refused in a sentence', async () => {
    const args = (out: string) => ['--id', 'h', '--shares', '3', '--threshold', '2', '--out', join(directory, out)];
    chmodSync(directory, 0o755);
    await expect(asOtherUser(() => shares(args('none')))).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/none cannot be written \(EACCES\); name a directory/),
    });
    mkdirSync(join(directory, 'theirs'), { mode: 0o555 });
    await expect(asOtherUser(() => shares(args('theirs')))).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('share-1.txt cannot be written (EACCES)'),
    });
    // By the whole program, for anybody: nothing can be made below a file.
    writeFileSync(join(directory, 'plain'), '');
    expect(await runProgram(['shares', ...args('plain/out')], directory)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^coffer shares: .*cannot be written \(ENOTDIR\).*\n$/),
    });
  });

  it.each([
    ['--threshold', '1'],
    ['--threshold', '4'],
    ['--shares', '17'],
    ['--shares', 'many'],
    ['--out', undefined],
    ['--id', 'No Id'],
  ])('are not made with %s %s', async (option, value) => {
    const values: Record<string, string | undefined> = {
      '--id': 'h',
      '--shares': '3',
      '--threshold': '2',
      '--out': join(directory, 'none'),
      [option]: value,
    };
    const args = Object.entries(values).flatMap(([name, text]) => (text === undefined ? [] : [name, text]));
    await expect(shares(args)).rejects.toMatchObject({ name: 'UsageError' });
    expect(existsSync(join(directory, 'none'))).toBe(false);
  });

  it('are read as they were written, and not otherwise', () => {
    const text = formatShare({ set: '0123abcd', bytes: new Uint8Array([1, 2, 3]) });
    expect(parseShare(`${text}\r\n`)).toEqual({ set: '0123abcd', bytes: new Uint8Array([1, 2, 3]) });
    for (let at = 0; at < text.length; at += 1) {
      expect(parseShare(`${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`)).toBeUndefined();
    }
  });
});
