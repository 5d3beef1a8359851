import { defineConfig } from 'vitest/config';

// Its own file: Vitest 3 brings its own Vite, which must not read the settings of the one that builds.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    // A fixed zone that is not UTC, so that mixing the two up fails wherever the tests run.
    env: { TZ: 'America/New_York' },
  },
});
