import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As Node resolves it: Vite would take the package's `module` and so a second copy beside that of other packages.
  resolve: { alias: { graphql: 'graphql/index.js' } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/note-requests.ts'],
    // What the files import (Prisma's client, Apollo, zod) takes longer than most of them; a process keeps it for the next.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest would leave one of two cores to itself. More than two files at once make the tests that watch the clock wait.
    maxWorkers: 2,
  },
});
