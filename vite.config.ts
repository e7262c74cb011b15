// Three bundles: the renderer for both hosts, Electron's main, and the preload, which a sandbox wants as one CommonJS file.
import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type EnvironmentOptions } from 'vite'

const at = (...path: string[]) => join(import.meta.dirname, ...path)

/** Node's modules, Electron and every package stay outside: only our own files are bundled. */
function shell(name: 'main' | 'preload', format: 'es' | 'cjs', extension: string): EnvironmentOptions {
  return {
    consumer: 'server',
    build: {
      outDir: at('out', 'shell'),
      emptyOutDir: name === 'main',
      target: 'node24',
      minify: false,
      ssr: true,
      rolldownOptions: {
        input: at('electron', 'shell', `${name}.ts`),
        external: [/^node:/, /^[^./]/],
        output: { format, entryFileNames: `${name}.${extension}`, chunkFileNames: '[name]-[hash].js' },
      },
    },
  }
}

export default defineConfig({
  root: 'renderer',
  base: './',
  // Foreign text is made visible on its way into the page (renderer/visible-jsx.ts).
  plugins: [react({ jsxImportSource: '#visible' }), tailwindcss()],
  build: {
    outDir: at('out', 'renderer'),
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
  environments: { main: shell('main', 'es', 'js'), preload: shell('preload', 'cjs', 'cjs') },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments))
        if (environment.name !== 'ssr') await builder.build(environment)
    },
  },
})
