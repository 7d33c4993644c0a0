import { expect, it } from 'vitest';
import { DuplicateRecord, type Storage } from '../../src/domain/storage.ts';
import { describeStorages } from '../support/storage.ts';
import { ELSEWHERE, HERE, OTHER, THERE, THING, type Thing } from './fixtures.ts';

const add = (storage: Storage, ...things: Thing[]) =>
  storage.transaction(async (tx) => {
    for (const thing of things) await tx.insert(THING, HERE, thing);
  });

describeStorages('records', (open) => {
  it('gives back what was inserted, in its place and kind only', async () => {
    const { storage, reopen } = await open();
    const thing: Thing = { id: 'a', name: 'ä\u0000\ud83d\ude00"\\', tags: ['x', 'y'], size: 1.5 };
    await add(storage, { ...thing, name: 'plain' });
    await storage.transaction((tx) => tx.insert(OTHER, HERE, { id: 'a', size: 7 }));
    await storage.transaction((tx) => tx.insert(THING, THERE, { id: 'a', size: 8 }));
    for (const opened of [async () => storage, reopen]) {
      const { reader } = await opened();
      expect(await reader.get(THING, HERE, 'a')).toEqual({ ...thing, name: 'plain' });
      expect(await reader.get(OTHER, HERE, 'a')).toEqual({ id: 'a', size: 7 });
      expect(await reader.get(THING, THERE, 'a')).toEqual({ id: 'a', size: 8 });
      expect(await reader.get(THING, ELSEWHERE, 'a')).toBeUndefined();
      expect(await reader.find(THING, HERE, 'name', 'plain')).toEqual({ ...thing, name: 'plain' });
      expect(await reader.find(THING, THERE, 'name', 'plain')).toBeUndefined();
      expect(await reader.find(THING, HERE, 'email', 'plain')).toBeUndefined();
    }
  });

  it('keeps any text in a body', async () => {
    const { storage } = await open();
    const state = 'ä\u0000\ud83d\ude00\ud800"\\\n';
    const body = { id: 'a', size: 0, note: state } as Thing;
    await add(storage, body);
    expect(await storage.reader.get(THING, HERE, 'a')).toEqual(body);
  });

  it.each(['', 'nul\0', '\ud800', 'x'.repeat(513)])('finds nothing under %j and refuses to store it', async (text) => {
    const { storage } = await open();
    expect(await storage.reader.get(THING, HERE, text)).toBeUndefined();
    expect(await storage.reader.find(THING, HERE, 'name', text)).toBeUndefined();
    expect(await storage.reader.list(THING, HERE, { index: 'tag', value: text })).toEqual([]);
    expect(await storage.reader.count(THING, HERE, { index: 'tag', value: text })).toBe(0);
    await expect(add(storage, { id: text })).rejects.toThrow(RangeError);
    await expect(add(storage, { id: 'a', name: text })).rejects.toThrow(RangeError);
    await expect(add(storage, { id: 'a', tags: [text] })).rejects.toThrow(RangeError);
    expect(await storage.reader.count(THING, HERE)).toBe(0);
    expect(await storage.transaction((tx) => tx.remove(THING, HERE, text))).toBe(false);
  });

  it('keeps ids of the greatest length', async () => {
    const { storage } = await open();
    const id = '\u4e2d'.repeat(512);
    await add(storage, { id, name: id, tags: [id] });
    expect(await storage.reader.find(THING, HERE, 'name', id)).toMatchObject({ id });
    expect(await storage.reader.list(THING, HERE, { index: 'tag', value: id })).toHaveLength(1);
  });

  it('updates body, names and indexes', async () => {
    const { storage } = await open();
    await add(storage, { id: 'a', name: 'n1', email: 'e', tags: ['x', 'y'], state: 'on' });
    expect(await storage.reader.find(THING, HERE, 'name', 'n1')).toBeDefined();
    expect(await storage.reader.find(THING, HERE, 'name', 'n2')).toBeUndefined();
    await storage.transaction((tx) => tx.update(THING, HERE, { id: 'a', name: 'n2', tags: ['y', 'z'], state: 'on' }));
    const { reader } = storage;
    expect(await reader.find(THING, HERE, 'name', 'n1')).toBeUndefined();
    expect(await reader.find(THING, HERE, 'email', 'e')).toBeUndefined();
    expect(await reader.find(THING, HERE, 'name', 'n2')).toEqual({
      id: 'a',
      name: 'n2',
      tags: ['y', 'z'],
      state: 'on',
    });
    for (const [value, count] of Object.entries({ x: 0, y: 1, z: 1 })) {
      expect(await reader.list(THING, HERE, { index: 'tag', value })).toHaveLength(count);
      expect(await reader.count(THING, HERE, { index: 'tag', value })).toBe(count);
    }
    expect(await reader.count(THING, HERE)).toBe(1);
    // The name that became free can be taken.
    await add(storage, { id: 'b', name: 'n1' });
    expect(await reader.find(THING, HERE, 'name', 'n1')).toEqual({ id: 'b', name: 'n1' });
  });

  it('removes a record with all that leads to it', async () => {
    const { storage } = await open();
    await add(storage, { id: 'a', name: 'n', tags: ['x'] });
    expect(await storage.reader.get(THING, HERE, 'a')).toBeDefined();
    expect(await storage.reader.find(THING, HERE, 'name', 'n')).toBeDefined();
    expect(await storage.transaction((tx) => tx.remove(THING, HERE, 'a'))).toBe(true);
    expect(await storage.transaction((tx) => tx.remove(THING, HERE, 'a'))).toBe(false);
    expect(await storage.reader.get(THING, HERE, 'a')).toBeUndefined();
    expect(await storage.reader.find(THING, HERE, 'name', 'n')).toBeUndefined();
    expect(await storage.reader.list(THING, HERE)).toEqual([]);
    expect(await storage.reader.list(THING, HERE, { index: 'tag', value: 'x' })).toEqual([]);
    expect(await storage.reader.count(THING, HERE)).toBe(0);
    await add(storage, { id: 'a', name: 'n', tags: ['x'] });
  });

  it('refuses to update what does not exist', async () => {
    const { storage } = await open();
    await expect(storage.transaction((tx) => tx.update(THING, HERE, { id: 'a' }))).rejects.toThrow('no record');
  });

  it('names what is taken', async () => {
    const { storage } = await open();
    await add(storage, { id: 'a', name: 'n', email: 'e' }, { id: 'b', name: 'm' });
    const clashes: [Thing, string][] = [
      [{ id: 'a' }, 'id'],
      [{ id: 'c', name: 'n' }, 'name'],
      [{ id: 'c', name: 'free', email: 'e' }, 'email'],
    ];
    for (const [thing, index] of clashes) {
      const refused = await add(storage, thing).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(DuplicateRecord);
      expect(refused).toMatchObject({ kind: 'test.thing', index });
    }
    const refused = await storage.transaction((tx) => tx.update(THING, HERE, { id: 'b', name: 'n' })).catch((e) => e);
    expect(refused).toMatchObject({ name: 'DuplicateRecord', index: 'name' });
    // Unique in its place only; keeping one's own name is no clash.
    await storage.transaction((tx) => tx.insert(THING, THERE, { id: 'a', name: 'n' }));
    await storage.transaction((tx) => tx.update(THING, HERE, { id: 'b', name: 'm', size: 2 }));
    expect(await storage.reader.count(THING, HERE)).toBe(2);
  });

  it('counts what each region holds, of all kinds and accounts', async () => {
    const { storage } = await open();
    await storage.transaction(async (tx) => {
      for (const id of ['a', 'b']) await tx.insert(THING, HERE, { id, state: 's', tags: ['x', 'y'] });
      await tx.insert(THING, ELSEWHERE, { id: 'c' });
      await tx.insert(OTHER, HERE, { id: 'd' });
      await tx.insert(OTHER, THERE, { id: 'e' });
    });
    const beijing = { region: 'cn-beijing', kind: 'test.other', count: 1 };
    const hangzhou = { region: 'cn-hangzhou', kind: 'test.thing', count: 3 };
    expect(await storage.countsByRegion()).toEqual([
      beijing,
      { region: 'cn-hangzhou', kind: 'test.other', count: 1 },
      hangzhou,
    ]);
    await storage.transaction((tx) => tx.remove(OTHER, HERE, 'd'));
    expect(await storage.countsByRegion()).toEqual([beijing, hangzhou]);
  });

  it('goes on in the transaction after a duplicate, which left nothing behind', async () => {
    const { storage } = await open();
    await add(storage, { id: 'a', name: 'n' });
    await storage.transaction(async (tx) => {
      await expect(tx.insert(THING, HERE, { id: 'b', name: 'n', tags: ['x'] })).rejects.toThrow(DuplicateRecord);
      await expect(tx.update(THING, HERE, { id: 'z' })).rejects.toThrow('no record');
      await tx.insert(THING, HERE, { id: 'c', name: 'n2' });
    });
    expect((await storage.reader.list(THING, HERE)).map((thing) => thing.id)).toEqual(['a', 'c']);
    expect(await storage.reader.count(THING, HERE, { index: 'tag', value: 'x' })).toBe(0);
  });

  it('lists by id in byte order, with paging and offset', async () => {
    const { storage } = await open();
    const ids = ['a', 'B', 'b-1', 'b1', '_x', 'é', 'Z', '\u{1f600}', '\uffee', 'a b', '10', '9'];
    await add(storage, ...ids.map((id, at) => ({ id, tags: at % 2 === 0 ? ['even', 'all'] : ['all'] })));
    const bytewise = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const { reader } = storage;
    const idsOf = async (options?: Parameters<typeof reader.list>[2]) =>
      (await reader.list(THING, HERE, options)).map((thing) => thing.id);
    expect(await idsOf()).toEqual(bytewise);
    expect(await idsOf({ limit: 5 })).toEqual(bytewise.slice(0, 5));
    expect(await idsOf({ limit: 0 })).toEqual([]);
    expect(await idsOf({ offset: 4, limit: 3 })).toEqual(bytewise.slice(4, 7));
    expect(await idsOf({ offset: 10 })).toEqual(bytewise.slice(10));
    expect(await idsOf({ after: 'Z' })).toEqual(bytewise.slice(bytewise.indexOf('Z') + 1));
    expect(await idsOf({ after: 'a0', limit: 1 })).toEqual(['b-1']);
    const even = bytewise.filter((id) => ids.indexOf(id) % 2 === 0);
    const by = { index: 'tag', value: 'even' };
    expect(await idsOf(by)).toEqual(even);
    expect(await idsOf({ ...by, after: even[1]!, limit: 2 })).toEqual(even.slice(2, 4));
    expect(await idsOf({ ...by, offset: 2, limit: 2 })).toEqual(even.slice(2, 4));
    expect(await reader.count(THING, HERE, by)).toBe(even.length);
    expect(await reader.count(THING, HERE)).toBe(ids.length);
  });

  it('reads across places', async () => {
    const { storage } = await open();
    await storage.transaction(async (tx) => {
      for (const place of [ELSEWHERE, HERE, THERE])
        for (const id of ['b', 'a']) await tx.insert(THING, place, { id, state: id === 'a' ? 'on' : 'off' });
    });
    const { reader } = storage;
    const all = (await reader.everywhere(THING, undefined)).map(({ place, record }) => [place, record.id]);
    expect(all).toEqual(
      [THERE, HERE, ELSEWHERE].flatMap((place) => [
        [place, 'a'],
        [place, 'b'],
      ]),
    ); // prettier-ignore
    const mine = await reader.everywhere(THING, HERE.account);
    expect(mine.map(({ place }) => place.region)).toEqual(['cn-beijing', 'cn-beijing', 'cn-hangzhou', 'cn-hangzhou']);
    const on = await reader.everywhere(THING, undefined, { index: 'state', value: 'on' });
    expect(on.map(({ place }) => place)).toEqual([THERE, HERE, ELSEWHERE]);
    expect(on.every(({ record }) => record.id === 'a')).toBe(true);
    expect(await reader.everywhere(THING, HERE.account, { index: 'state', value: 'on' })).toHaveLength(2);
    expect(await reader.everywhere(OTHER, undefined)).toEqual([]);
  });

  it('refuses indexes that are not declared', async () => {
    const { storage } = await open();
    await expect(storage.reader.find(THING, HERE, 'tag', 'x')).rejects.toThrow(RangeError);
    await expect(storage.reader.list(THING, HERE, { index: 'constructor', value: 'x' })).rejects.toThrow(RangeError);
    await expect(storage.reader.count(THING, HERE, { index: 'tag' })).rejects.toThrow(RangeError);
  });

  it('upgrades records of older schemas and refuses newer ones', async () => {
    const { storage, reopen } = await open();
    await add(storage, { id: 'a', size: 1 });
    const second = {
      ...THING,
      schema: 2,
      upgrade: (body: unknown, schema: number) => ({ ...(body as Thing), state: `from ${schema}` }),
    };
    expect(await storage.transaction((tx) => tx.get(second, HERE, 'a'))).toEqual({ id: 'a', size: 1, state: 'from 1' });
    await storage.transaction((tx) => tx.update(second, HERE, { id: 'a', size: 2 }));
    const fresh = await reopen();
    expect(await fresh.reader.get(second, HERE, 'a')).toEqual({ id: 'a', size: 2 });
    await expect(fresh.transaction((tx) => tx.get(THING, HERE, 'a'))).rejects.toMatchObject({
      name: 'DatabaseNewer',
      message: expect.stringContaining('a record of test.thing has version 2'),
    });
  });

  it('hands out cached records that nobody can change', async () => {
    const { storage } = await open();
    await add(storage, { id: 'a', tags: ['x'] });
    const thing = await storage.reader.get(THING, HERE, 'a');
    expect(() => (thing!.tags as string[]).push('y')).toThrow(TypeError);
    expect(await storage.reader.get(THING, HERE, 'a')).toBe(thing);
  });
});
