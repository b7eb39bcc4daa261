/** Who may ask, how much, and under which name: token, Host and Origin checks, limits, security headers. */
import { createHash, timingSafeEqual } from 'node:crypto'
import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { breakwaterError } from '../model/index.ts'
import { type ApiOptions, isLoopback, REQUESTS_PER_MINUTE } from './options.ts'
import { pathOf } from './problem.ts'

/** The longest request target that is read, characters. */
export const MAX_URL = 4_096
/** The cookie that a browser gets for `/?token=…`, so that it can load the terminal and its stream. */
export const TOKEN_COOKIE = 'breakwater-token'

/** Of the terminal's pages: own scripts only; styles may be set on elements. Nothing may frame it. */
const PAGE_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; " +
  "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** Of scripts: a worker has the policy of its own file, and its kernels are WebAssembly that came with it. It connects to nothing. */
const SCRIPT_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'"
/** Of everything that is no page. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

/** The headers that every answer carries. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': DATA_POLICY,
}

/** Refuses (`bad-config`) to listen beyond this machine without a token. */
export function assertMayListen(options: Pick<ApiOptions, 'host' | 'token'>): void {
  if (isLoopback(options.host) || options.token) return
  throw breakwaterError(
    'bad-config',
    `listening on ${options.host} lets other machines ask, and no token is set`,
    { host: options.host },
    { fix: 'Set BREAKWATER_TOKEN to a long random text, or listen on 127.0.0.1.' },
  )
}

/** Installs every check, in the order: headers, length, name, rate, token. */
export async function installGuards(app: FastifyInstance, options: ApiOptions): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS)
    if (request.url.length > MAX_URL)
      throw Object.assign(new Error(`the address is longer than ${MAX_URL} characters`), { statusCode: 414 })
    checkName(request, options)
  })
  await installRate(app, options.requestsPerMinute ?? REQUESTS_PER_MINUTE)
  const { token } = options
  if (token) app.addHook('onRequest', (request, reply) => checkToken(request, reply, token))
  app.addHook('onSend', async (request, reply) => {
    const type = String(reply.getHeader('content-type') ?? '')
    const html = type.startsWith('text/html')
    // "Not modified" has no type, and its headers replace those the browser kept with the page.
    const unchanged = reply.statusCode === 304
    const script = /^(?:text|application)\/javascript\b/.test(type) || (unchanged && /\.js$/.test(pathOf(request)))
    const kept = unchanged && !pathOf(request).startsWith('/v1/')
    if (script) reply.header('content-security-policy', SCRIPT_POLICY)
    else if (html || kept) reply.header('content-security-policy', PAGE_POLICY)
  })
}

/** Before the token is looked at, and for addresses that do not exist too: guessing is limited as well. */
async function installRate(app: FastifyInstance, max: number): Promise<void> {
  await app.register(fastifyRateLimit, { global: false })
  const count = app.createRateLimit({ max, timeWindow: 60_000 })
  app.addHook('onRequest', async (request, reply) => {
    if (pathOf(request) === '/health') return
    const rate = await count(request)
    if (rate.isAllowed || !rate.isExceeded) return
    reply.header('retry-after', String(rate.ttlInSeconds))
    throw breakwaterError('overloaded', `more than ${max} requests in a minute`, {
      status: 429,
      retryAfterSeconds: rate.ttlInSeconds,
    })
  })
}

/** A page elsewhere must not reach us under its own name (DNS rebinding), nor open our stream from its own origin. */
function checkName(request: FastifyRequest, options: ApiOptions): void {
  const host = request.headers.host ?? ''
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (isLoopback(options.host)) {
    const known = isLoopback(name) || name.endsWith('.localhost') || options.allowedHosts?.includes(name)
    if (!known)
      throw breakwaterError(
        'unauthorised',
        `this server does not answer to the name '${name.slice(0, 80)}'`,
        {},
        BY_NAME,
      )
  }
  const { origin } = request.headers
  if (origin !== undefined && hostOf(origin) !== host.toLowerCase())
    throw breakwaterError('unauthorised', `pages of ${origin.slice(0, 80)} may not ask this server`, {}, BY_NAME)
}

const BY_NAME = {
  fix: 'Address the server as http://127.0.0.1:PORT or http://localhost:PORT, from its own pages or from a program.',
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

async function checkToken(request: FastifyRequest, reply: FastifyReply, token: string): Promise<unknown> {
  const path = pathOf(request)
  if (path === '/health') return
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (bearer !== undefined && same(bearer, token)) return
  if (same(cookieOf(request) ?? '', digest(token).toString('hex'))) return
  const asked = (request.query as { token?: unknown }).token
  if (typeof asked === 'string' && same(asked, token)) {
    if (path === '/v1/stream') return
    if (!path.startsWith('/v1/') && request.method === 'GET') return letIn(reply, path, token)
  }
  throw breakwaterError('unauthorised', 'this server asks for its token')
}

/** A browser that opened `/?token=…` keeps a digest of it as a cookie that scripts and other sites cannot use. */
function letIn(reply: FastifyReply, path: string, token: string): FastifyReply {
  const value = digest(token).toString('hex')
  reply.header('set-cookie', `${TOKEN_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000`)
  return reply.header('cache-control', 'no-store').redirect(`/${path.replace(/^\/+/, '')}`, 303)
}

function cookieOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/)
  return pairs.find((pair) => pair.startsWith(`${TOKEN_COOKIE}=`))?.slice(TOKEN_COOKIE.length + 1)
}

/** Equal text, in a time that does not depend on where they differ. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
