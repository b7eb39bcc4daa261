#!/usr/bin/env node
// The command's door: the compiled program, or word of how to compile it.
import { existsSync } from 'node:fs'

const program = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(program)) await import(program.href)
else {
  console.error('breakwater is not built yet. Run `npm run build` in the checkout first.')
  process.exitCode = 1
}
