import { defineConfig } from 'vitest/config';

const common = {
  globalSetup: ['test/support/global-setup.ts'],
  pool: 'forks',
  // CommonJS packages are imported as Node imports them, so that tests and program see the same exports.
  deps: { interopDefault: false },
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;

export default defineConfig({
  test: {
    // Suites start databases, servers and HSM processes of their own; more of them at once only wait for each other.
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: 'sqlite', include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'] } },
      {
        // Suites of whole operations, once more on the other database.
        test: {
          ...common,
          name: 'postgres',
          include: ['test/{compat,kms,ram,network,hsm-service,pipeline,story}/**/*.test.ts'],
          env: { COFFER_TEST_STORAGE: 'postgres' },
        },
      },
    ],
  },
});
