import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const core = process.env.MOTIA_URL ?? 'http://127.0.0.1:3000'

// Relative addresses: the core serves the built files below /__motia/workbench/.
export default defineConfig({
  base: './',
  plugins: [react()],
  server: { proxy: { '/__motia': { target: core, ws: true } } },
  build: { target: 'es2022', chunkSizeWarningLimit: 700, outDir: '../core/motia_core/workbench/static', emptyOutDir: true },
  test: { environment: 'happy-dom', include: ['test/**/*.test.{ts,tsx}'] },
})
