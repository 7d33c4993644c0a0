import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { BadCiphertext, type KeyBackend, QuorumMissing, StoreUnavailable } from '../../src/domain/kms/backend.ts';
import type { KeyMaterial } from '../../src/domain/kms/key.ts';
import { LOCKED_AFTER } from '../../src/hsm/users.ts';
import { refusedWith } from '../hsm/support.ts';
import { home, openStoreRig, PLACE, type StoreRig } from './support.ts';

const CONTEXT = Buffer.from('context');

async function roundTrip(backend: KeyBackend, material: KeyMaterial, at = home(), text = 'plaintext'): Promise<string> {
  const iv = randomBytes(12);
  const body = await backend.encrypt(material, at, iv, CONTEXT, Secret.ofText(text));
  return (await backend.decrypt(material, at, iv, CONTEXT, body)).revealText();
}

function pidOf(rig: StoreRig, at: number): number {
  const { pid } = rig.rig.devices.status(rig.deviceIds[at]!);
  if (pid === undefined) throw new Error('the HSM has no process');
  return pid;
}

describe('keys of a private key store', () => {
  let rig: StoreRig;
  let backend: KeyBackend;
  beforeAll(async () => {
    rig = await openStoreRig(2);
    backend = rig.backends.store(PLACE, rig.store);
  });
  afterAll(() => rig.close());
  afterEach(() => rig.cut.clear());

  it.each([128, 192, 256] as const)('are born in the HSMs (%d bits), and kept sealed', async (bits) => {
    const material = await backend.generate(bits, home());
    expect(material).toEqual({
      kind: 'hsm',
      keyStoreId: rig.store.keyStoreId,
      blob: expect.any(String),
      checkValue: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(await roundTrip(backend, material)).toBe('plaintext');
    expect(await roundTrip(backend, material, home(), '')).toBe('');
  });

  it('work on each member alone', async () => {
    const material = await backend.generate(256, home());
    for (const [at, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      rig.cut.clear();
      rig.cut.add(rig.deviceIds[other]!);
      expect([at, await roundTrip(backend, material)]).toEqual([at, 'plaintext']);
    }
  });

  it('open for their own version only, whatever is swapped in the database', async () => {
    const mine = await backend.generate(256, home('v1', 'key-1'));
    const other = await backend.generate(256, home('v2', 'key-2'));
    await expect(roundTrip(backend, other, home('v1', 'key-1'))).rejects.toThrow();
    await expect(roundTrip(backend, mine, home('v1', 'key-2'))).rejects.toThrow();
    await expect(roundTrip(backend, { ...mine, keyStoreId: 'kst-other' } as KeyMaterial)).rejects.toThrow('not of key');
    expect(await roundTrip(backend, mine, home('v1', 'key-1'))).toBe('plaintext');
  });

  it('tell a ciphertext that does not open from a store that does not answer', async () => {
    const material = await backend.generate(256, home());
    const iv = randomBytes(12);
    const body = await backend.encrypt(material, home(), iv, CONTEXT, Secret.ofText('x'));
    const bent = Buffer.from(body);
    bent[0]! ^= 1;
    await expect(backend.decrypt(material, home(), iv, CONTEXT, bent)).rejects.toBeInstanceOf(BadCiphertext);
    await expect(backend.decrypt(material, home(), iv, Buffer.from('y'), body)).rejects.toBeInstanceOf(BadCiphertext);
    rig.deviceIds.forEach((id) => {
      rig.cut.add(id);
    });
    await expect(backend.decrypt(material, home(), iv, CONTEXT, body)).rejects.toBeInstanceOf(StoreUnavailable);
    rig.cut.clear();
    expect((await backend.decrypt(material, home(), iv, CONTEXT, body)).revealText()).toBe('x');
  });

  it('are not made while fewer members than the quorum can be reached', async () => {
    rig.cut.add(rig.deviceIds[1]!);
    await expect(backend.generate(256, home())).rejects.toEqual(new QuorumMissing(1, 2));
    rig.cut.add(rig.deviceIds[0]!);
    await expect(backend.generate(256, home())).rejects.toEqual(new QuorumMissing(0, 2));
    rig.cut.clear();
    expect((await backend.generate(256, home())).kind).toBe('hsm');
  });

  describe('that are destroyed', () => {
    const opened = async (): Promise<(number | undefined)[]> =>
      Promise.all(rig.deviceIds.map(async (id) => (await rig.rig.devices.usage(id))?.cachedKeys));

    it('are opened in no member any more', async () => {
      const material = await backend.generate(256, home());
      const before = await opened();
      expect(await backend.forget(material, home())).toEqual([]);
      expect(await opened()).toEqual(before.map((count) => count! - 1));
    });

    it('may be so in a member that cannot be reached, which is said', async () => {
      const material = await backend.generate(256, home());
      const before = await opened();
      rig.cut.add(rig.deviceIds[1]!);
      expect(await backend.forget(material, home())).toEqual([`HSM ${rig.deviceIds[1]}: cut`]);
      expect(await opened()).toEqual([before[0]! - 1, before[1]]);
      rig.cut.clear();
      expect(await backend.forget(material, home())).toEqual([]);
      expect(await opened()).toEqual(before.map((count) => count! - 1));
    });

    it('are opened nowhere in a member whose process has ended', async () => {
      const material = await backend.generate(256, home());
      const link = await rig.rig.devices.dial(rig.deviceIds[1]!, 10_000);
      process.kill(pidOf(rig, 1), 'SIGKILL');
      await link.closed;
      expect(await backend.forget(material, home())).toEqual([]);
      expect((await rig.rig.devices.dial(rig.deviceIds[1]!, 10_000)).open).toBe(true);
      expect((await opened())[1]).toBe(0);
    });

    it('are destroyed although their wrapped form is damaged', async () => {
      const material = await backend.generate(256, home());
      const left = await backend.forget({ ...material, blob: 'damaged' } as KeyMaterial, home('v9'));
      expect(left).toEqual([expect.stringContaining('Version v9')]);
    });
  });

  it('live on in a node that has just started', async () => {
    const material = await backend.generate(256, home());
    const iv = randomBytes(12);
    const body = await backend.encrypt(material, home(), iv, CONTEXT, Secret.ofText('kept'));
    const fresh = rig.fresh().store(PLACE, rig.store);
    expect((await fresh.decrypt(material, home(), iv, CONTEXT, body)).revealText()).toBe('kept');
  });

  it('come with random bytes of any length', async () => {
    const one = await backend.random(10_000);
    expect(one.length).toBe(10_000);
    expect(one.equals(await backend.random(10_000))).toBe(false);
  });

  it('say how many members answer', async () => {
    expect(await rig.backends.health(PLACE, rig.store)).toEqual({ total: 2, available: 2 });
    rig.cut.add(rig.deviceIds[0]!);
    expect(await rig.backends.health(PLACE, rig.store)).toEqual({ total: 2, available: 1 });
  });
});

describe('when an HSM fails under load', () => {
  const DEADLINE_MS = 5_000;
  let rig: StoreRig;
  let backend: KeyBackend;
  let material: KeyMaterial;
  beforeAll(async () => {
    rig = await openStoreRig(2, { limits: { callTimeoutMs: DEADLINE_MS } });
    backend = rig.backends.store(PLACE, rig.store);
    material = await backend.generate(256, home());
  });
  afterAll(() => rig.close());

  /** Keeps 16 calls under way until `until` settles; the longest wait in milliseconds and how many calls there were. */
  async function load(until: Promise<unknown>): Promise<{ slowest: number; calls: number }> {
    let done = false;
    const over = until.finally(() => {
      done = true;
    });
    let slowest = 0;
    let calls = 0;
    const worker = async (): Promise<void> => {
      while (!done) {
        const since = performance.now();
        expect(await roundTrip(backend, material)).toBe('plaintext');
        slowest = Math.max(slowest, performance.now() - since);
        calls += 1;
      }
    };
    await Promise.all([...Array.from({ length: 16 }, worker), over]);
    return { slowest, calls };
  }

  async function bothAnswer(): Promise<void> {
    for (;;) {
      const { available } = await rig.backends.health(PLACE, rig.store);
      if (available === 2) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it.each([
    ['SIGKILL', 0],
    ['SIGKILL', 1],
    ['SIGSTOP', 0],
    ['SIGSTOP', 1],
  ] as const)('%s of member %d costs no call, and it comes back', async (signal, at) => {
    await bothAnswer();
    const pid = pidOf(rig, at);
    const back = (async () => {
      await backend.random(8);
      process.kill(pid, signal);
      // Its process is another one once it is back.
      for (;;) {
        const now = rig.rig.devices.status(rig.deviceIds[at]!).pid;
        if (now !== undefined && now !== pid) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await bothAnswer();
    })();
    const { slowest, calls } = await load(back);
    expect(calls).toBeGreaterThan(50);
    // Nobody waited for the dead member's own deadline: the other answered. How fast is for the bench to say.
    expect(slowest).toBeLessThan(DEADLINE_MS);
  });

  it('all of them: the store is unavailable until one is back', async () => {
    await bothAnswer();
    rig.cut.add(rig.deviceIds[0]!);
    rig.cut.add(rig.deviceIds[1]!);
    await expect(roundTrip(backend, material)).rejects.toBeInstanceOf(StoreUnavailable);
    rig.cut.clear();
    expect(await roundTrip(backend, material)).toBe('plaintext');
  });
});

describe('a store with one HSM', () => {
  it('makes keys, and waits for its HSM to come back', async () => {
    const rig = await openStoreRig(1);
    try {
      const backend = rig.backends.store(PLACE, rig.store);
      const material = await backend.generate(256, home());
      process.kill(pidOf(rig, 0), 'SIGKILL');
      const started = performance.now();
      let answer: string | undefined;
      while (answer === undefined && performance.now() - started < 10_000) {
        answer = await roundTrip(backend, material).catch((error: unknown) => {
          expect(error).toBeInstanceOf(StoreUnavailable);
          return undefined;
        });
      }
      expect(answer).toBe('plaintext');
    } finally {
      await rig.close();
    }
  });
});

describe('a wrong password', () => {
  it('is tried once, on one HSM, and never again by itself', async () => {
    const rig = await openStoreRig(2, { password: 'wrong-password' });
    try {
      const backend = rig.backends.store(PLACE, rig.store);
      for (let call = 0; call < 6; call += 1) {
        await expect(backend.random(8)).rejects.toBeInstanceOf(StoreUnavailable);
      }
      await expect(backend.generate(256, home())).rejects.toBeInstanceOf(QuorumMissing);
      // How many wrong tries each HSM still takes before it locks the user: five, less the one that was used up.
      const left = await Promise.all(
        rig.deviceIds.map(async (deviceId) => {
          const link = await rig.rig.devices.dial(deviceId, 5_000);
          for (let wrong = 1; ; wrong += 1) {
            const code = await refusedWith(link.login('kmsuser', Secret.ofText('wrong-password')));
            if (code === 'UserLockedOut') return wrong - 1;
          }
        }),
      );
      expect(left.toSorted()).toEqual([LOCKED_AFTER - 1, LOCKED_AFTER]);
    } finally {
      await rig.close();
    }
  });
});
