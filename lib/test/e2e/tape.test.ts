/** The live tape in a real browser: events and gaps as they come, a pause that counts, and nothing lost when the stream breaks. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MarketEvent } from '../../model/index.ts'
import { launchBrowser, openPage } from './browser.ts'
import { buildTerminal } from './built.ts'
import { deafUntilNow, heardNow, startWorld, type World } from './world.ts'

/** The browser tells the console that a connection was cut: that is the test's own doing. */
const CUT = /WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource/

let browser: Browser
let world: World

beforeAll(async () => {
  buildTerminal()
  browser = await launchBrowser()
})

beforeEach(async () => {
  world = await startWorld(heardNow(50, 'before'), { mode: () => 'live' })
})

afterEach(async () => {
  await world.close()
})

afterAll(async () => {
  await browser?.close()
})

async function openTape(path = '/tape', before?: (page: Page) => Promise<void>) {
  const watched = await openPage(browser, 'about:blank', { expected: CUT })
  await before?.(watched.page)
  await watched.page.goto(`${world.api.address}${path}`)
  await watched.page.waitForSelector('.tape-row')
  await expect.poll(() => watched.page.locator('.tape-state').innerText()).toContain('running')
  await watched.page.mouse.move(5, 5)
  return watched
}

function rows(page: Page): Promise<number> {
  return page.locator('.tape-state').getAttribute('data-rows').then(Number)
}

function newest(page: Page): Promise<string | null> {
  return page.locator('.tape-row[data-id]').first().getAttribute('data-id')
}

/** The id of every row, read by scrolling through all of them. */
async function allIds(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const home = document.querySelector('.tape-scroll') as HTMLElement
    const ids = new Set<string>()
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    for (let top = 0; top <= home.scrollHeight; top += 200) {
      home.scrollTop = top
      await frame()
      for (const row of home.querySelectorAll('[data-id]')) ids.add(row.getAttribute('data-id') as string)
    }
    return [...ids].sort()
  })
}

async function stored(): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const event of world.store.scan({ types: ['perp-liquidation'] })) ids.push(event.id)
  return ids.sort()
}

describe('the tape', () => {
  it('shows what comes, and the gap as a row', async () => {
    const { page, complaints, close } = await openTape()
    expect(await rows(page)).toBe(50)
    await expect.poll(() => page.locator('[data-testid=data-kind]').innerText()).toBe('LIVE ●')
    const fresh = heardNow(10, 'fresh')
    await world.publish(fresh)
    await expect.poll(() => rows(page)).toBe(60)
    expect(await newest(page)).toBe('fresh-000009')
    expect(await page.locator('.tape-row').first().innerText()).toMatch(/long sold\s+ETH\s+2\s+\$2\.02 k/)
    await world.publish([deafUntilNow('okx', 32_000, 'reconnect')])
    await page.waitForSelector('.gap-row')
    expect(await page.locator('.gap-row').first().innerText()).toMatch(
      /— deaf \d\d:\d\d:\d\d–\d\d:\d\d:\d\d \(OKX: reconnect\), 32 s —/,
    )
    expect(complaints).toEqual([])
    await close()
  })

  it('shows only what passes the filter', async () => {
    const { page, close } = await openTape('/tape?coin=ETH')
    expect(await rows(page)).toBe(25)
    await world.publish(heardNow(10, 'fresh'))
    await expect.poll(() => rows(page)).toBe(30)
    expect([...new Set(await page.locator('.tape-row .t-coin').allInnerTexts())]).toEqual(['ETH'])
    await close()
  })

  it('pauses under the pointer and counts what waits', async () => {
    const { page, close } = await openTape()
    await page.locator('.tape-row').nth(3).hover()
    const before = await newest(page)
    await world.publish(heardNow(12, 'fresh'))
    await expect.poll(() => page.locator('[data-testid=waiting]').innerText()).toContain('12 waiting')
    expect(await newest(page)).toBe(before)
    await page.mouse.move(5, 5)
    await expect.poll(() => newest(page)).toBe('fresh-000011')
    expect(await rows(page)).toBe(62)
    await close()
  })

  it('pauses while one reads further down, and goes on at a click', async () => {
    const { page, close } = await openTape()
    await page.locator('.tape-scroll').evaluate((home) => {
      home.scrollTop = 200
    })
    await expect.poll(() => page.locator('.tape-state').innerText()).toContain('paused')
    await world.publish(heardNow(8, 'fresh'))
    await expect.poll(() => page.locator('[data-testid=waiting]').innerText()).toContain('8 waiting')
    expect(await rows(page)).toBe(50)
    await page.locator('[data-testid=waiting]').click()
    await expect.poll(() => rows(page)).toBe(58)
    expect(await newest(page)).toBe('fresh-000007')
    await close()
  })

  it('finds what was stored without being told', async () => {
    const { page, close } = await openTape()
    await world.store.append(heardNow(5, 'silently'))
    await expect.poll(() => rows(page), { timeout: 40_000 }).toBe(55)
    await world.store.append(heardNow(400, 'recording'))
    await expect.poll(() => newest(page), { timeout: 40_000 }).toBe('recording-000399')
    expect(await rows(page)).toBe(200)
    await close()
  })

  it('strikes out what is withdrawn', async () => {
    const { page, close } = await openTape()
    const withdrawn = 'before-000049'
    await world.publish([retraction(withdrawn)])
    await expect.poll(() => page.locator('.tape-row.withdrawn').getAttribute('data-id')).toBe(withdrawn)
    await close()
  })
})

describe('a broken stream', () => {
  it('resumes where it was: what came meanwhile is there, each once', async () => {
    const { page, complaints, close } = await openTape('/tape', cuttable)
    await cut(page)
    await expect.poll(() => page.locator('.tape-state').innerText()).toContain('stream lost')
    await world.publish(heardNow(40, 'meanwhile'))
    await mend(page)
    await expect.poll(() => rows(page)).toBe(90)
    await world.publish(heardNow(3, 'after'))
    await expect.poll(() => rows(page)).toBe(93)
    expect(await allIds(page)).toEqual(await stored())
    expect(complaints).toEqual([])
    await close()
  })

  it('fetches by cursor what a restarted server no longer remembers', async () => {
    const { page, close } = await openTape()
    // More than one page of the cursor, so that it must be followed.
    await world.restart(async () => {
      await world.store.append(heardNow(1_500, 'down'))
    })
    await expect.poll(() => rows(page), { timeout: 30_000 }).toBe(1_550)
    await world.publish(heardNow(2, 'after'))
    await expect.poll(() => rows(page)).toBe(1_552)
    expect(await allIds(page)).toEqual(await stored())
    await close()
  })

  it('fetches what a slow client was not sent', async () => {
    let swallow = false
    const { page, close } = await openTape('/tape', async (tab) => {
      await tab.routeWebSocket(/\/v1\/stream/, (socket) => {
        const server = socket.connectToServer()
        server.onMessage((text) => {
          const message = JSON.parse(String(text)) as { topic: string; seq?: number; data?: readonly unknown[] }
          if (!swallow || message.topic !== 'liquidations' || !message.data?.length) return socket.send(text)
          // What a server says to a client that did not read: these are dropped, go on from there.
          const { seq = 0, data } = message
          socket.send(
            JSON.stringify({ topic: 'liquidations', dropped: data.length, from: seq - data.length + 1, to: seq }),
          )
        })
      })
    })
    swallow = true
    await world.publish(heardNow(30, 'dropped'))
    await expect.poll(() => rows(page)).toBe(80)
    swallow = false
    await world.publish(heardNow(5, 'after'))
    await expect.poll(() => rows(page)).toBe(85)
    expect(await allIds(page)).toEqual(await stored())
    await close()
  })
})

function retraction(of: string): MarketEvent {
  const now = Date.now()
  const stamp = { id: `retraction-${of}`, venue: 'okx', source: 'live', time: now, received: now }
  return { ...stamp, type: 'retraction', of, why: 'the block was reorganised away' } as MarketEvent
}

/** Lets the test cut the page's sockets and keep them cut. */
async function cuttable(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const Real = WebSocket
    const state = { cut: false, sockets: new Set<WebSocket>() }
    Object.assign(globalThis, { testSockets: state })
    const open = (url: string) => {
      const socket = new Real(state.cut ? url.replace('/v1/stream', '/v1/nothing') : url)
      state.sockets.add(socket)
      return socket
    }
    Object.assign(globalThis, { WebSocket: new Proxy(Real, { construct: (_target, [url]) => open(String(url)) }) })
  })
}

type Cuttable = { testSockets: { cut: boolean; sockets: Set<WebSocket> } }

function cut(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { testSockets } = globalThis as unknown as Cuttable
    testSockets.cut = true
    for (const socket of testSockets.sockets) socket.close()
  })
}

function mend(page: Page): Promise<void> {
  return page.evaluate(() => {
    ;(globalThis as unknown as Cuttable).testSockets.cut = false
  })
}
