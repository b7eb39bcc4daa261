import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, PATIENCE_MS } from './api.ts'

/** A server that takes the question and then does nothing until it is let go. */
const hang = (_url: unknown, init?: RequestInit) =>
  new Promise<Response>((_answer, refuse) => {
    init?.signal?.addEventListener('abort', () => refuse(new DOMException('aborted', 'AbortError')))
  })

/** A server that stops in the middle of its answer. */
const stopHalfWay = async (_url: unknown, init?: RequestInit) => {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode('{"data":'))
      init?.signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')))
    },
  })
  return new Response(body)
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  )
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1)
  expect(await Promise.race([settled, Promise.resolve('waiting')])).toBe('waiting')
  await vi.advanceTimersByTimeAsync(1)
  return settled
}

describe('a question', () => {
  it.each([hang, stopHalfWay])('to a server that hangs fails after a while and says so (%#)', async (server) => {
    vi.stubGlobal('fetch', server)
    expect(await outcome(ask('/v1/totals', {}))).toMatchObject({ error: { title: 'server hangs' } })
  })

  it('that is let go is no failure of the server', async () => {
    vi.stubGlobal('fetch', hang)
    const control = new AbortController()
    const asked = ask('/v1/totals', {}, control.signal).catch((error: Error) => error.name)
    control.abort()
    expect(await asked).toBe('AbortError')
  })

  it('that is answered leaves no timer behind; a refused one gives the problem', async () => {
    vi.stubGlobal('fetch', async () => new Response('{"data":1}'))
    expect(await ask('/v1/totals', {})).toEqual({ data: 1 })
    const problem = { title: 'bad-query', detail: 'at', fix: 'write a day', status: 400 }
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify(problem), { status: 400 }))
    await expect(ask('/v1/totals', {})).rejects.toEqual(problem)
    vi.stubGlobal('fetch', async () => new Response('no json', { status: 502 }))
    await expect(ask('/v1/totals', {})).rejects.toMatchObject({ title: 'HTTP 502' })
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('refused')
    })
    await expect(ask('/v1/totals', {})).rejects.toMatchObject({ title: 'server unreachable' })
    expect(vi.getTimerCount()).toBe(0)
  })
})
