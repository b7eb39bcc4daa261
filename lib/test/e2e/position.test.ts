/** The page of a position in a real browser: figures from the address alone, sliders and keys that change both, and every venue beside it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, openPage, type Watched } from './browser.ts'
import { buildTerminal } from './built.ts'
import { startWorld, type World } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const POSITION =
  '/position?venue=binance&symbol=BTCUSDT&side=long&size=0.5&entry=60000&leverage=10&mode=isolated&funding=0.01'

let browser: Browser
let world: World

beforeAll(async () => {
  buildTerminal()
  browser = await launchBrowser()
  world = await startWorld([], { mode: () => 'offline', status: () => [] })
})
afterAll(async () => {
  await browser?.close()
  await world?.close()
})

async function open(path: string, options: Parameters<typeof openPage>[2] = {}): Promise<Watched> {
  const watched = await openPage(browser, `${world.api.address}${path}`, options)
  await watched.page.waitForSelector('.compare tbody tr')
  return watched
}

function told(page: Page, name: string): Promise<string> {
  return page.locator(`[data-testid=${name}]`).innerText()
}

function word(page: Page, name: string): string | null {
  return new URL(page.url()).searchParams.get(name)
}

function number(text: string): number {
  return Number(text.replaceAll(',', '').replace('−', '-').replace(' %', ''))
}

describe('my position', () => {
  it('shows what a 10x long survives: −9.64 %, not −10 %', async () => {
    const { page, complaints, close } = await open(POSITION)
    // 60,000 · (1 − 1/10) / (1 − 0.4 %), the lowest bracket of Binance.
    expect(number(await told(page, 'liquidation-price'))).toBeCloseTo(54_216.87, 0)
    expect(await told(page, 'distance')).toBe('−9.64 %')
    expect(number((await told(page, 'bankruptcy-price')).split(' ')[0] as string)).toBe(54_000)
    expect(await told(page, 'truth')).toContain('survives −9.64 %, not −10 %')
    expect(await told(page, 'command')).toBe(
      'breakwater perp liquidation-price --venue binance --symbol BTCUSDT --side long --size 0.5 --entry 60000 --leverage 10',
    )
    expect(complaints).toEqual([])
    await close()
  })

  it('follows the keys and the pointer on a slider, and the address follows it', async () => {
    const { page, complaints, close } = await open(POSITION)
    await page.locator('[data-slider=leverage]').focus()
    for (let press = 0; press < 10; press++) await page.keyboard.press('ArrowRight')
    await expect.poll(() => word(page, 'leverage')).toBe('20')
    expect(await told(page, 'distance')).toBe('−4.62 %')
    const before = number(await told(page, 'liquidation-price'))
    const box = await page.locator('[data-slider=entry]').boundingBox()
    if (!box) throw new Error('the slider is not on the page')
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 40, y, { steps: 8 })
    await page.mouse.up()
    await expect.poll(() => Number(word(page, 'entry'))).toBeGreaterThan(61_000)
    expect(number(await told(page, 'liquidation-price'))).toBeGreaterThan(before)
    const address = page.url()
    const [price, distance] = [await told(page, 'liquidation-price'), await told(page, 'distance')]
    await page.reload()
    await page.waitForSelector('.compare tbody tr')
    expect([page.url(), await told(page, 'liquidation-price'), await told(page, 'distance')]).toEqual([
      address,
      price,
      distance,
    ])
    expect(complaints).toEqual([])
    await close()
  })

  it('draws a moved slider well under a frame', async () => {
    const { page, close } = await open(POSITION)
    const worst = await page.evaluate(async () => {
      const slider = document.querySelector('[data-slider=size]') as HTMLInputElement
      const took: number[] = []
      for (let place = 400; place < 460; place++) {
        slider.value = String(place)
        const began = performance.now()
        slider.dispatchEvent(new InputEvent('input', { bubbles: true }))
        // Read a box, so that the layout is done within the time that is taken.
        document.body.getBoundingClientRect()
        took.push(performance.now() - began)
        await new Promise((done) => requestAnimationFrame(done))
      }
      return took.sort((a, b) => a - b)
    })
    console.info(`a moved slider: median ${worst[30]?.toFixed(1)} ms, worst ${worst.at(-1)?.toFixed(1)} ms`)
    expect(worst).toHaveLength(60)
    expect(await page.locator('.broken').count()).toBe(0)
    await close()
  })

  it('compares the same position at every venue, and shows the one that is chosen', async () => {
    const { page, complaints, close } = await open(POSITION)
    const rows = page.locator('.compare tbody tr')
    const venues = await rows.evaluateAll((found) => found.map((row) => row.getAttribute('data-venue')))
    expect(venues).toEqual(expect.arrayContaining(['binance', 'bybit', 'okx', 'hyperliquid']))
    const cells = await rows.evaluateAll((found) => found.map((row) => row.querySelector('td')?.textContent?.trim()))
    expect(cells.filter((text) => number(text ?? '') > 54_000 && number(text ?? '') < 57_000).length).toBeGreaterThan(3)
    await page.locator('.compare tr[data-venue=hyperliquid] button').click()
    await expect.poll(() => word(page, 'venue')).toBe('hyperliquid')
    expect(word(page, 'symbol')).toBe('BTC')
    expect(await page.locator('.answer h2').innerText()).toContain('Hyperliquid')
    expect(await page.locator('.steps li').count()).toBeGreaterThan(1)
    await page.goBack()
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['size=-1', 'size', '-1 is not above 0'],
    ['size=NaN', 'size', "'NaN' is not a decimal number"],
    ['entry=0', 'entry', '0 is not above 0'],
    ['leverage=500', 'leverage', '500'],
    ['symbol=NOSUCH', 'symbol', 'NOSUCH'],
    ['venue=nowhere', 'venue', 'nowhere'],
  ])('%s is told at its field, and the page goes on', async (query, field, sentence) => {
    const { page, complaints, close } = await open(`/position?${query}`)
    const input = page.locator(`[name=${field}]`)
    expect(await input.getAttribute('aria-invalid')).toBe('true')
    const says = page.locator(`[id="${await input.getAttribute('aria-describedby')}"]`)
    expect(await says.innerText()).toContain(sentence)
    await page.goto(`${world.api.address}${POSITION}`)
    await expect.poll(() => told(page, 'distance')).toBe('−9.64 %')
    expect(complaints).toEqual([])
    await close()
  })

  it('keeps the last figures, marked, while a field is not right', async () => {
    const { page, close } = await open(POSITION)
    await page.locator('[name=size]').fill('-2')
    await page.waitForSelector('.answer .stale-note')
    expect(await told(page, 'distance')).toBe('−9.64 %')
    await page.locator('[name=size]').fill('2')
    await expect.poll(() => page.locator('.answer .stale-note').count()).toBe(0)
    await close()
  })

  it('has a table for each chart, and is reached by its key', async () => {
    const { page, complaints, close } = await open('/position')
    await page.keyboard.press('g')
    await page.keyboard.press('v')
    await expect.poll(() => new URL(page.url()).pathname).toBe('/venues')
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await expect.poll(() => new URL(page.url()).pathname).toBe('/position')
    for (const chart of ['path', 'funding']) {
      await page.locator(`[data-chart=${chart}] button[aria-pressed]`).click()
      await page.waitForSelector(`[data-chart=${chart}] tbody tr`)
    }
    expect(word(page, 'table')).toBe('path,funding')
    expect(await page.locator('[data-chart=path] tbody').innerText()).toContain('liquidation')
    expect(complaints).toEqual([])
    await close()
  })
})

describe.each(['dark', 'light'] as const)('for everybody, %s', (colorScheme) => {
  it.each([
    '',
    '&table=path,funding',
    '&size=-1',
    '&side=short&leverage=50&days=40',
  ])('no serious violation %s', async (more) => {
    const { page, complaints, close } = await open(`/position?venue=binance${more}`, { colorScheme })
    await page.evaluate(AXE)
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
    }
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(
      serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary}`),
    ).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })
})

describe('on a telephone', () => {
  it.each([360, 390])('does not scroll sideways at %i px', async (width) => {
    for (const more of ['', '?size=-1', '?table=path,funding', '?side=short&leverage=100&size=25']) {
      const { page, close } = await open(`/position${more}`, { viewport: { width, height: 800 } })
      expect([more, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([more, width])
      await close()
    }
  })
})
