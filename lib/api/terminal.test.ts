/** The terminal's files: pages by any page address, assets for ever, nothing outside the folder, the API's own 404s kept. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiOptions } from '../test/api-fixture.ts'
import { buildApp } from './app.ts'

let folder: string
let app: FastifyInstance
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-web-'))
  await mkdir(join(folder, 'web', 'assets'), { recursive: true })
  await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>terminal</title>')
  await writeFile(join(folder, 'web', 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  app = (await buildApp((await apiOptions({ webRoot: join(folder, 'web') })).options)).app
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

describe('the terminal', () => {
  it('is at / and at every address of a page, fresh, under its own policy', async () => {
    for (const url of ['/', '/tape', '/records/2021-05-19?coin=ETH']) {
      const page = await app.inject({ url })
      expect([page.statusCode, page.body], url).toEqual([200, expect.stringContaining('terminal')])
      expect(page.headers, url).toMatchObject({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' })
      expect(page.headers['content-security-policy']).toContain("script-src 'self';")
      expect(page.headers['content-security-policy']).toContain("connect-src 'self'")
    }
  })

  it('keeps its policy when the browser asks whether the page has changed', async () => {
    for (const url of ['/', '/tape']) {
      const { headers } = await app.inject({ url })
      const again = await app.inject({ url, headers: { 'if-none-match': String(headers.etag) } })
      expect(again.statusCode, url).toBe(304)
      expect(again.headers['content-security-policy'], url).toBe(headers['content-security-policy'])
    }
  })

  it('keeps hashed assets for ever', async () => {
    const asset = await app.inject({ url: '/assets/app-1a2b.js' })
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(asset.headers['content-type']).toContain('javascript')
    // A worker lives under the policy of its own file: WebAssembly, no network.
    expect(asset.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
    )
  })

  it('gives nothing else, and the API keeps its problems', async () => {
    for (const url of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets/gone.js',
      '/v1/nothing',
    ]) {
      const answer = await app.inject({ url })
      expect(answer.statusCode, url).toBeGreaterThanOrEqual(400)
      expect(answer.body, url).not.toMatch(/^secret/)
    }
    expect((await app.inject({ url: '/v1/nothing' })).json()).toMatchObject({ code: 'not-found' })
    expect((await app.inject({ method: 'DELETE', url: '/tape' })).statusCode).toBe(404)
  })

  it('is missed with a hint when it is not built', async () => {
    const { options, logged } = await apiOptions({ webRoot: join(folder, 'nowhere') })
    const bare = (await buildApp(options)).app
    expect((await bare.inject({ url: '/' })).json()).toMatchObject({ code: 'not-found' })
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 'warn', values: expect.objectContaining({ fix: 'npm run build' }) }),
    )
    await bare.close()
  })
})
