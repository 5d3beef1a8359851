import { defineConfig } from 'vitest/config';

// package.json makes Vitest 3 use the Vite that builds, which is one newer than it asks for: one Vite, one set of packages.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    // A fixed zone that is not UTC, so that mixing the two up fails wherever the tests run.
    env: { TZ: 'America/New_York' },
  },
});
