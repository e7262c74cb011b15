// Builds the renderer into out/renderer: hashed assets, nothing inline, so the content policy can forbid everything else.
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    // Electron 45 embeds this; current browsers are newer.
    target: 'chrome140',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      // The contract's schemas are only types here: zod tries `new Function`, which the content policy reports.
      treeshake: { manualPureFunctions: ['z'] },
    },
  },
})
