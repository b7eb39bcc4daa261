/** Who may ask: token, names, lengths, rates; and that errors tell what to do and leak nothing. */
import { afterEach, describe, expect, it } from 'vitest'
import { apiOptions } from '../test/api-fixture.ts'
import { buildApp } from './app.ts'
import { TOKEN_COOKIE } from './guards.ts'
import type { ApiOptions } from './options.ts'
import { startApi } from './start.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function appOf(more: Partial<ApiOptions> = {}) {
  const { options, logged, store } = await apiOptions(more)
  const { app } = await buildApp(options)
  closers.push(() => app.close())
  return { app, logged, store }
}

describe('the door', () => {
  it('answers to its own names only (DNS rebinding)', async () => {
    const { app } = await appOf({ allowedHosts: ['breakwater.internal'] })
    for (const host of ['127.0.0.1:8787', 'localhost', '[::1]:80', 'app.localhost:1', 'breakwater.internal:8787'])
      expect((await app.inject({ url: '/health', headers: { host } })).statusCode, host).toBe(200)
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '10.0.0.1'])
      expect((await app.inject({ url: '/v1/status', headers: { host } })).json(), host).toMatchObject({
        status: 401,
        code: 'unauthorised',
      })
  })

  it('does not answer the pages of other sites', async () => {
    const { app } = await appOf()
    const host = '127.0.0.1:8787'
    const ask = (origin: string) => app.inject({ url: '/v1/status', headers: { host, origin } })
    expect((await ask('http://127.0.0.1:8787')).statusCode).toBe(200)
    for (const origin of ['https://evil.example', 'http://127.0.0.1:9999', 'null'])
      expect((await ask(origin)).statusCode).toBe(401)
    const open = await ask('http://127.0.0.1:8787')
    expect(Object.keys(open.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('asks for the token everywhere but at /health, and takes no other', async () => {
    const { app } = await appOf({ host: '0.0.0.0', token: 'open sesame' })
    const status = async (url: string, headers: Record<string, string> = {}) =>
      (await app.inject({ url, headers })).statusCode
    expect(await status('/health')).toBe(200)
    for (const url of ['/v1/status', '/metrics', '/openapi.json', '/v1/stream?topics=gaps', '/nothing', '/'])
      expect(await status(url), url).toBe(401)
    expect(await status('/v1/status', { authorization: 'Bearer open sesame' })).toBe(200)
    for (const wrong of ['Bearer open sesam', 'Bearer open sesamee', 'Bearer ', 'Basic open sesame', 'open sesame'])
      expect(await status('/v1/status', { authorization: wrong }), wrong).toBe(401)
    expect(await status('/v1/status?token=open%20sesame')).toBe(401)
    const refusal = await app.inject({ url: '/v1/status' })
    expect(refusal.headers['www-authenticate']).toBe('Bearer realm="breakwater"')
  })

  it('lets a browser in by /?token=, with a cookie that scripts cannot read', async () => {
    const { app } = await appOf({ host: '0.0.0.0', token: 'open sesame' })
    const let_in = await app.inject({ url: '/tape?token=open%20sesame' })
    expect(let_in.statusCode).toBe(303)
    expect(let_in.headers.location).toBe('/tape')
    const cookie = String(let_in.headers['set-cookie'])
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
    expect(cookie).not.toContain('sesame')
    const pair = cookie.split(';')[0] as string
    expect((await app.inject({ url: '/v1/status', headers: { cookie: pair } })).statusCode).toBe(200)
    expect((await app.inject({ url: '/v1/status', headers: { cookie: `${TOKEN_COOKIE}=wrong` } })).statusCode).toBe(401)
    const away = await app.inject({ url: '//evil.example/?token=open%20sesame' })
    expect(away.headers.location ?? '/').toMatch(/^\/(?!\/)/)
  })

  it('refuses to listen beyond this machine without a token', async () => {
    const { options } = await apiOptions({ host: '0.0.0.0' })
    await expect(startApi(options)).rejects.toMatchObject({
      code: 'bad-config',
      fix: expect.stringContaining('BREAKWATER_TOKEN'),
    })
    for (const host of ['127.0.0.2', '::1', 'localhost'])
      await expect(startApi({ ...options, host }).then((api) => api.close())).resolves.toBeUndefined()
  })

  it('counts wrong tokens and unknown addresses against the rate', async () => {
    const { app } = await appOf({ host: '0.0.0.0', token: 'open sesame', requestsPerMinute: 2 })
    const statuses = []
    for (const url of ['/v1/status', '/nothing', '/v1/status']) statuses.push((await app.inject({ url })).statusCode)
    expect(statuses).toEqual([401, 401, 429])
  })

  it('limits the rate per client, says when to come back, and leaves /health alone', async () => {
    const { app } = await appOf({ requestsPerMinute: 3 })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await app.inject({ url: '/v1/status' })).statusCode)
    expect(statuses).toEqual([200, 200, 200, 429])
    const refused = await app.inject({ url: '/v1/status' })
    expect(refused.json()).toMatchObject({ code: 'overloaded', status: 429, retryable: true })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await app.inject({ url: '/health' })).statusCode).toBe(200)
  })

  it('refuses what is too long, too much, or no route', async () => {
    const { app } = await appOf()
    const code = async (url: string) => (await app.inject({ url })).json<{ status: number; code: string }>()
    expect(await code(`/v1/totals?coin=${'A'.repeat(5_000)}`)).toMatchObject({ status: 414, code: 'bad-query' })
    expect(await code(`/v1/totals?coin=${'A'.repeat(500)}`)).toMatchObject({
      status: 400,
      code: 'bad-query',
      values: { parameter: 'coin' },
    })
    expect(await code('/v1/totals?colour=red')).toMatchObject({ status: 400, values: { parameter: 'colour' } })
    expect(await code('/v1/totals?coin=BTC&coin=ETH')).toMatchObject({ status: 400, values: { parameter: 'coin' } })
    expect(await code(`/v1/liquidations/${'a'.repeat(300)}`)).toMatchObject({
      code: expect.stringMatching(/not-found|bad-query/),
    })
    expect(await code('/v1/liquidations/%zz')).toMatchObject({ status: 400, code: 'bad-query' })
    expect(await code('/v1/nothing')).toMatchObject({ status: 404, code: 'not-found' })
    expect((await app.inject({ method: 'POST', url: '/v1/totals', payload: { a: 1 } })).statusCode).toBe(404)
    expect((await app.inject({ method: 'POST', url: '/v1/totals', payload: 'x'.repeat(50_000) })).statusCode).toBe(404)
  })

  it('says nothing about a bug of ours but that it is one, and logs it whole', async () => {
    const broken = await appOf({
      status: () => {
        throw new Error('secret detail')
      },
    })
    const bug = await broken.app.inject({ url: '/v1/status' })
    expect(bug.json()).toMatchObject({ status: 500, code: 'internal' })
    expect(bug.body).not.toContain('secret')
    expect(bug.body).not.toContain('.ts:')
    expect(broken.logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        values: expect.objectContaining({ error: expect.stringContaining('secret detail') }),
      }),
    )
  })

  it('sends its protective headers with every answer', async () => {
    const { app } = await appOf()
    for (const url of ['/v1/status', '/nothing', '/health', '/v1/totals?x=1']) {
      const { headers } = await app.inject({ url })
      expect(headers, url).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      })
      expect(headers['content-security-policy']).toContain("default-src 'none'")
    }
  })

  it('is ill when the store is', async () => {
    const { store } = await apiOptions()
    await store.close()
    const { app } = await appOf({ store })
    const ill = await app.inject({ url: '/health' })
    expect([ill.statusCode, ill.json().ok]).toEqual([503, false])
    expect((await app.inject({ url: '/v1/liquidations/x' })).json()).toMatchObject({
      status: 503,
      code: 'store-closed',
    })
  })
})
