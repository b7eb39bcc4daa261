/** The terminal's files: hashed assets for ever, the page itself fresh, and the page for every address that is a page of it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './options.ts'

/** Serves the built terminal where there is one; true when there is. */
export async function installTerminal(app: FastifyInstance, options: ApiOptions): Promise<boolean> {
  const { webRoot, log } = options
  if (webRoot === undefined) return false
  if (!existsSync(join(webRoot, 'index.html'))) {
    log('warn', 'the terminal is not built: only the API is served', { webRoot, fix: 'npm run build' })
    return false
  }
  await app.register(fastifyStatic, {
    root: webRoot,
    wildcard: false,
    cacheControl: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(join(webRoot, 'assets'))
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return true
}
