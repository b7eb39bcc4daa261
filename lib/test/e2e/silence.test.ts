/** A server that hangs, answers late or is away, in a real browser: old numbers never look like new ones, and nothing is lost. */
import type { Browser, Page, WebSocketRoute } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser, openPage } from './browser.ts'
import { buildTerminal } from './built.ts'
import { heardNow, startWorld, type World } from './world.ts'

/** The page gives up on a question after 10 s and asks for the program's state every 10 s. */
const GIVEN_UP = { timeout: 40_000 }
/** Well before the tape looks at the newest page by itself (15 s). */
const SOON = { timeout: 8_000 }

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

function dataKind(page: Page): Promise<string> {
  return page.locator('[data-testid=data-kind]').first().innerText()
}

function rows(page: Page): Promise<number> {
  return page.locator('.tape-state').getAttribute('data-rows').then(Number)
}

describe('a server that hangs', () => {
  it('leaves numbers that are marked as old, and no LIVE; they are fresh again when it answers', async () => {
    const { page, close } = await openPage(browser, world.api.address)
    await page.waitForSelector('.groups tbody tr')
    await expect.poll(() => dataKind(page)).toBe('LIVE ●')
    let hangs = true
    await page.route('**/v1/**', async (route) => (hangs ? undefined : route.continue()))
    await page.waitForSelector('.card .stale-note', GIVEN_UP)
    expect(await page.locator('.card .stale-note').first().innerText()).toMatch(/stale: as of .*no answer in 10 s/)
    await page.waitForSelector('[data-testid=no-answer]', GIVEN_UP)
    expect(await dataKind(page)).toBe('RECORDED ◷')
    hangs = false
    await expect.poll(() => page.locator('.stale-note').count(), GIVEN_UP).toBe(0)
    await expect.poll(() => dataKind(page), GIVEN_UP).toBe('LIVE ●')
    expect(await page.locator('[data-testid=no-answer]').count()).toBe(0)
    await close()
  })
})

describe('a program that hears nothing', () => {
  it('shows what it once heard as recorded', async () => {
    const offline = await startWorld(heardNow(50, 'before'), { mode: () => 'offline', status: () => [] })
    const { page, close } = await openPage(browser, offline.api.address)
    await page.waitForSelector('.groups tbody tr')
    await expect.poll(() => page.locator('.banner').innerText()).toContain('No venue reachable')
    expect(await page.locator('[data-testid=data-kind]').allInnerTexts()).toEqual(['RECORDED ◷'])
    await close()
    await offline.close()
  })
})

describe('answers and the stream', () => {
  it('an older question’s answer that comes late changes nothing', async () => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/tape`)
    await page.waitForSelector('.tape-row')
    let letGo = () => {}
    const late = new Promise<void>((done) => {
      letGo = done
    })
    await page.route(/\/v1\/liquidations\?.*coin=ETH/, async (route) => {
      await late
      await route.continue().catch(() => undefined)
    })
    const search = async (line: string) => {
      await page.locator('#search').fill(line)
      await page.keyboard.press('Enter')
    }
    await search('coin:ETH')
    await page.getByRole('button', { name: 'remove coin:ETH' }).click()
    await search('coin:BTC')
    await expect.poll(() => rows(page)).toBe(25)
    letGo()
    await page.waitForTimeout(500)
    expect(await rows(page)).toBe(25)
    expect([...new Set(await page.locator('.tape-row .t-coin').allInnerTexts())]).toEqual(['BTC'])
    expect(complaints).toEqual([])
    await close()
  })

  it('nothing is lost between the first page and the beginning of the stream', async () => {
    const watched = await openPage(browser, 'about:blank')
    const { page, complaints, close } = watched
    const waiting: WebSocketRoute[] = []
    let begins = false
    await page.routeWebSocket(/\/v1\/stream/, (socket) => {
      if (begins) socket.connectToServer()
      else waiting.push(socket)
    })
    await page.goto(`${world.api.address}/tape`)
    await page.waitForSelector('.tape-row')
    expect(await rows(page)).toBe(50)
    await world.publish(heardNow(300, 'between'))
    begins = true
    for (const socket of waiting) await socket.close()
    await expect.poll(() => rows(page), SOON).toBe(350)
    await world.publish(heardNow(3, 'after'))
    await expect.poll(() => rows(page), SOON).toBe(353)
    expect(complaints).toEqual([])
    await close()
  })
})
