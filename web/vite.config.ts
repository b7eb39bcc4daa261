import { sep } from 'node:path'
import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'

// The pure rooms do nothing when they are loaded, so what the terminal does not call of them stays out of the bundle.
const LIB = `${sep}lib${sep}`
const treeshake = { moduleSideEffects: (id: string) => id.includes('node_modules') || !id.includes(LIB) }

export default defineConfig({
  plugins: [solid()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake },
  },
  worker: { format: 'es', rolldownOptions: { treeshake } },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8787', ws: true } } },
})
