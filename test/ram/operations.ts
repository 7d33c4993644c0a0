import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../../src/operation/operation.ts';

const ROOT = join(import.meta.dirname, '..', '..', 'src', 'operations');

async function operationsIn(folder: string): Promise<Operation[]> {
  const files = readdirSync(join(ROOT, folder)).filter((file) => /^[A-Z]\w*\.ts$/.test(file));
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(join(ROOT, folder, file))) as Record<string, Operation>;
      return module[file.slice(0, -3)]!;
    }),
  );
}

/** The operations of RAM, STS and ResourceManager, and of nothing else. */
export const IDENTITY_OPERATIONS: readonly Operation[] = (
  await Promise.all(['ram', 'sts', 'resourcemanager'].map(operationsIn))
).flat();
