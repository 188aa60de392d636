import { defineConfig } from 'vitest/config'

// Tests start processes of their own: few at once, and patience on a machine that has other things to do.
export default defineConfig({ test: { testTimeout: 60_000, maxConcurrency: 2, include: ['test/**/*.test.ts'] } })
