import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // CommonJS packages are imported as Node imports them, so that tests and program see the same exports.
    deps: { interopDefault: false },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Suites start databases, servers and HSM processes of their own; more of them at once only wait for each other.
    maxWorkers: 3,
  },
});
