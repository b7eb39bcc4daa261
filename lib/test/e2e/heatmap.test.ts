/** The heatmap in a real browser: figures equal the library's on the same seed, zoom and line move the address, and the map is a list on a telephone. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoWorld, estimateOf, type HeatWorld, reachAt } from '../../../web/src/data/heatmap-model.ts'
import { HEATMAP_WORDS, readHeatmap } from '../../../web/src/state/heatmap.ts'
import { formatNumber, formatShare } from '../../analytics/index.ts'
import { launchBrowser, openPage, type Watched } from './browser.ts'
import { buildTerminal } from './built.ts'
import { startWorld, type World } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let world: World
let market: HeatWorld

beforeAll(async () => {
  buildTerminal()
  browser = await launchBrowser()
  world = await startWorld([], { mode: () => 'offline', status: () => [] })
  market = demoWorld('7', 0)
})
afterAll(async () => {
  await browser?.close()
  await world?.close()
})

async function open(query: string, options: Parameters<typeof openPage>[2] = {}): Promise<Watched> {
  const watched = await openPage(browser, `${world.api.address}/heatmap${query}`, options)
  await watched.page.waitForSelector('[data-testid=reach-exact]', { timeout: 60_000 })
  return watched
}

const told = (page: Page, name: string) => page.locator(`[data-testid=${name}]`).innerText()
const word = (page: Page, name: string) => new URL(page.url()).searchParams.get(name)
const exactly = async (page: Page) =>
  Number((await page.locator('[data-testid=reach-exact]').getAttribute('title'))?.replace('$', ''))

describe('the heatmap', () => {
  it('says what a price reaches and how good the estimate is, as the library does on the same seed', async () => {
    const price = Math.round(market.price * 0.9)
    const { page, complaints, close } = await open(`?price=${price}`)
    const estimate = estimateOf(market, readHeatmap(HEATMAP_WORDS).terms)
    const reach = reachAt(market, estimate, [0, 1, 2], price)
    expect(reach.exact.long).toBeGreaterThan(0)
    expect(await exactly(page)).toBe(reach.exact.long)
    expect(await told(page, 'mass-error')).toBe(`⊢${formatShare(estimate?.score?.massError)}`)
    expect(await told(page, 'rank')).toBe(`⊢${formatNumber(estimate?.score?.rankCorrelation, 3)}`)
    // Without one venue, less.
    await page.getByRole('button', { name: 'sim:venue-a' }).click()
    await expect.poll(() => exactly(page)).toBe(reachAt(market, undefined, [1, 2], price).exact.long)
    expect(word(page, 'hide')).toBe('sim:venue-a')
    const hash = await told(page, 'hash')
    await page.reload()
    await page.waitForSelector('[data-testid=reach-exact]', { timeout: 60_000 })
    await expect.poll(() => told(page, 'hash')).toBe(hash)
    expect(complaints).toEqual([])
    await close()
  })

  it('follows the dragged line, its keys, and the pointer with exact dollars', async () => {
    const { page, complaints, close } = await open('')
    const before = await exactly(page)
    const line = page.locator('[data-testid=price-line] span')
    await line.scrollIntoViewIfNeeded()
    const box = await line.boundingBox()
    if (!box) throw new Error('the line is not on the page')
    await page.mouse.move(box.x + 20, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + 20, box.y + box.height / 2 + 60, { steps: 6 })
    await page.mouse.up()
    await expect.poll(() => exactly(page)).toBeGreaterThan(before)
    const asked = Number(word(page, 'price'))
    expect(await exactly(page)).toBe(reachAt(market, undefined, [0, 1, 2], asked).exact.long)
    await page.locator('[data-testid=price-line]').focus()
    await page.keyboard.press('PageUp')
    await expect.poll(() => Number(word(page, 'price'))).toBeGreaterThan(asked)
    const plot = await page.locator('.heat-plot').boundingBox()
    if (!plot) throw new Error('no plot')
    await page.mouse.move(plot.x + plot.width * 0.4, plot.y + plot.height * 0.8)
    await expect.poll(() => told(page, 'readout')).toMatch(/⊢= ▼ long \$[\d,]+, ▲ short \$[\d,]+/)
    expect(complaints).toEqual([])
    await close()
  })

  it('zooms by wheel, keys and buttons, keeps it in the address, and shows all again', async () => {
    const { page, complaints, close } = await open('')
    const span = () => Number(word(page, 'high')) - Number(word(page, 'low'))
    await page.locator('.heat-plot').focus()
    await page.keyboard.press('+')
    await expect.poll(span).toBeGreaterThan(0)
    const once = span()
    const plot = await page.locator('.heat-plot').boundingBox()
    if (!plot) throw new Error('no plot')
    await page.mouse.move(plot.x + 300, plot.y + 200)
    await page.mouse.wheel(0, -300)
    await expect.poll(span).toBeLessThan(once)
    await page.getByLabel('less time').click()
    await expect.poll(() => Number(word(page, 'from'))).toBeGreaterThan(0)
    const address = page.url()
    await page.reload()
    await page.waitForSelector('[data-testid=reach-exact]', { timeout: 60_000 })
    expect(page.url()).toBe(address)
    await page.locator('.heat-plot').focus()
    await page.keyboard.press('0')
    await expect.poll(() => word(page, 'low')).toBeNull()
    expect(complaints).toEqual([])
    await close()
  })

  it('holds a million positions: counted in WebAssembly, the page stays awake while it zooms', async () => {
    const { page, complaints, close } = await open('?positions=1000000')
    await expect.poll(() => told(page, 'times'), { timeout: 60_000 }).toContain('map')
    expect(await told(page, 'times')).toMatch(/1,0\d\d,\d{3} into 1,000 bins in [\d.]+ ms \(WebAssembly\)/)
    const waits = await page.evaluate(async () => {
      const frames: number[] = []
      const zoom = document.querySelector('[aria-label="zoom in"]') as HTMLButtonElement
      let last = performance.now()
      for (let frame = 0; frame < 40; frame++) {
        if (frame % 4 === 0) zoom.click()
        await new Promise((done) => requestAnimationFrame(done))
        const now = performance.now()
        frames.push(now - last)
        last = now
      }
      return frames.sort((a, b) => a - b)
    })
    console.info(
      `a million positions: ${await told(page, 'times')}; a frame while zooming: median ${waits[20]?.toFixed(1)} ms, worst ${waits.at(-1)?.toFixed(1)} ms`,
    )
    expect(complaints).toEqual([])
    await close()
  })

  it('draws the estimate by itself, and its assumptions change the score', async () => {
    const { page, complaints, close } = await open('?layer=estimate')
    await page.waitForSelector('.heat-plot')
    expect(await told(page, 'legend')).toContain('⊢~ estimate, hatched')
    const before = await told(page, 'mass-error')
    await page.locator('[name=mix]').fill('50:1')
    await page.locator('[name=mix]').blur()
    await expect.poll(() => told(page, 'mass-error'), { timeout: 30_000 }).not.toBe(before)
    await page.locator('[name=mix]').fill('nonsense')
    await page.locator('[name=mix]').blur()
    await expect.poll(() => page.locator('.field-says.broken').innerText()).toContain('not leverage:share')
    expect(complaints).toEqual([])
    await close()
  })

  it('of a pasted list stays in the browser and has no estimate', async () => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/heatmap?book=own&price=82000`)
    await page
      .locator('[name=positions]')
      .fill('account,coin,side,size,entry,leverage,mark\na,BTC,long,3,90000,10,90000\nb,BTC,short,1,90000,5,90000')
    await page.locator('[name=positions]').blur()
    await page.waitForSelector('[data-testid=reach-exact]')
    // 3 coins at 81,000 / 0.995 = 81,407: not reached at 82,000.
    await expect.poll(() => exactly(page)).toBe(0)
    await page.locator('[name=price]').fill('81400')
    await expect.poll(() => exactly(page)).toBe(Math.round((3 * 81_000) / 0.995))
    expect(await page.locator('.model-card .empty').count()).toBe(1)
    expect(complaints).toEqual([])
    await close()
  })
})

describe.each(['dark', 'light'] as const)('for everybody, %s', (colorScheme) => {
  it.each(['', '?layer=estimate&mix=nonsense', '?table=heatmap'])('no serious violation %s', async (query) => {
    const { page, complaints, close } = await open(query, { colorScheme })
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
  it.each([360, 390])('is a list of the nearest clusters and does not scroll sideways at %i px', async (width) => {
    for (const more of ['', '?layer=estimate', '?table=heatmap']) {
      const { page, close } = await open(more, { viewport: { width, height: 800 } })
      expect([more, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([more, width])
      expect(await page.locator('.heat-plot').count()).toBe(0)
      if (more !== '?table=heatmap')
        expect(await page.locator('[data-chart=heatmap] .clusters tbody tr').count()).toBe(10)
      await close()
    }
  })
})
