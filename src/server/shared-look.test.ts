import { expect, it } from 'vitest';
import { sharedLook } from './shared-look.ts';

it('looks once for all who ask meanwhile, and anew for who asks after', async () => {
  let looks = 0;
  let end: (value: number) => void = () => {};
  const ask = sharedLook(() => {
    looks += 1;
    return new Promise<number>((resolve) => {
      end = resolve;
    });
  });
  const together = [ask(), ask(), ask()];
  expect(looks).toBe(1);
  end(7);
  expect(await Promise.all(together)).toEqual([7, 7, 7]);
  const later = ask();
  expect(looks).toBe(2);
  end(8);
  expect(await later).toBe(8);
});

it('shares a failure too, and looks again after it', async () => {
  let looks = 0;
  const ask = sharedLook(async () => {
    looks += 1;
    throw new Error('away');
  });
  expect(await Promise.allSettled([ask(), ask()])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  await expect(ask()).rejects.toThrow('away');
  expect(looks).toBe(2);
});
