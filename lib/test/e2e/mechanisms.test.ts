/** The page of mechanisms in a real browser: every tab from its address alone, sliders that move figures and the address, tables for all charts. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, openPage, type Watched } from './browser.ts'
import { buildTerminal } from './built.ts'
import { startWorld, type World } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Each tab with its slider, and a figure that the slider moves. */
const TABS = [
  ['llamma', 'price', 'health'],
  ['bamm', 'price', 'value'],
  ['fx', 'price', 'equity'],
  ['fx1', 'price', 'ratio'],
  ['bob', 'price', 'ltv'],
  ['infinifi', 'loss', 'locked'],
  ['rwa', 'fall', 'lenders'],
  ['kamino', 'price', 'ltv'],
  ['pre', 'price', 'ltv'],
  ['pool', 'price', 'icr'],
  ['clip', 'age', 'ask'],
] as const

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

async function open(query: string, options: Parameters<typeof openPage>[2] = {}): Promise<Watched> {
  const watched = await openPage(browser, `${world.api.address}/mechanisms${query}`, options)
  await watched.page.waitForSelector('[data-testid=state]')
  return watched
}
const address = (tab: string, more = '') => `?m=${tab}${more}`
const told = (page: Page, name: string) => page.locator(`[data-testid=fact-${name}]`).innerText()
const word = (page: Page, name: string) => new URL(page.url()).searchParams.get(name)

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary}`)
}

describe.each(TABS)('%s', (tab, slider, figure) => {
  it('stands from its address, moves with its slider, and comes back after a reload', async () => {
    const { page, complaints, close } = await open(address(tab))
    expect(await page.locator('.mech-tabs a[aria-current=page]').count()).toBe(1)
    const before = await told(page, figure)
    await page.locator(`.mech-slider [data-slider=${slider}]`).focus()
    for (let press = 0; press < 25; press++) await page.keyboard.press('ArrowLeft')
    await expect.poll(() => word(page, slider)).not.toBe(null)
    const after = await told(page, figure)
    expect(after).not.toBe(before)
    const [url, state] = [page.url(), await page.locator('[data-testid=state]').innerText()]
    await page.reload()
    await page.waitForSelector('[data-testid=state]')
    expect([page.url(), await told(page, figure), await page.locator('[data-testid=state]').innerText()]).toEqual([
      ...[url, after, state],
    ])
    expect(complaints).toEqual([])
    await close()
  })

  it('has a table for each chart, and words for all of it', async () => {
    const { page, complaints, close } = await open(address(tab))
    const charts = await page
      .locator('[data-chart]')
      .evaluateAll((found) => found.map((one) => one.getAttribute('data-chart') as string))
    expect(charts.length).toBeGreaterThan(0)
    for (const chart of charts) {
      expect(await page.locator(`[data-chart=${chart}] [role=img]`).first().getAttribute('aria-label')).toBeTruthy()
      await page.locator(`[data-chart=${chart}] button[aria-pressed]`).click()
      await page.waitForSelector(`[data-chart=${chart}] tbody tr`)
    }
    expect(await page.locator('main').innerText()).not.toMatch(/NaN|Infinity|undefined/)
    expect(await page.locator('.notes a[href^=https]').count()).toBeGreaterThan(0)
    await page.locator('.mech-code summary').click()
    expect(await page.locator('[data-testid=code]').innerText()).toContain("from 'breakwater/")
    expect(complaints).toEqual([])
    await close()
  })

  it('fits 360 px and has no serious violation there', async () => {
    for (const more of ['', '&table=bands,health,ltv,days,repay,ratio,leverages,size,paths,waterfall,queue,deposits']) {
      const { page, complaints, close } = await open(address(tab, more), {
        ...{ viewport: { width: 360, height: 800 }, colorScheme: 'light' },
      })
      expect([more, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([more, 360])
      await page.locator('.mech-inputs summary').click()
      expect([more, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([more, 360])
      expect(await violations(page)).toEqual([])
      expect(complaints).toEqual([])
      await close()
    }
  })

  it.each(['dark', 'light'] as const)('has no serious violation, %s', async (colorScheme) => {
    const { page, complaints, close } = await open(address(tab), { colorScheme })
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })
})

describe('the page', () => {
  it('goes from tab to tab and keeps what was set in each', async () => {
    const { page, complaints, close } = await open('?price=1600')
    expect(await page.locator('[data-testid=state]').innerText()).toBe('soft-liquidation')
    await page.locator('.mech-tabs a', { hasText: 'BOB' }).click()
    await expect.poll(() => page.locator('.mech-answer h2').innerText()).toContain('BOB')
    expect(word(page, 'm')).toBe('bob')
    await page.locator('[data-word=atomic]').click()
    await expect.poll(() => word(page, 'path')).toBe('atomic')
    await page.locator('.mech-tabs a', { hasText: 'LLAMMA' }).click()
    await expect.poll(() => word(page, 'price')).toBe('1600')
    expect(word(page, 'm')).toBe(null)
    await page.locator('.mech-tabs a', { hasText: 'BOB' }).click()
    await expect.poll(() => word(page, 'path')).toBe('atomic')
    await page.goBack()
    await expect.poll(() => page.locator('.mech-answer h2').innerText()).toContain('LLAMMA')
    expect(complaints).toEqual([])
    await close()
  })

  it('follows a price that is dragged on the chart', async () => {
    const { page, complaints, close } = await open('')
    const box = await page.locator('.bands-chart svg').boundingBox()
    if (!box) throw new Error('there is no chart')
    await page.mouse.move(box.x + 300, box.y + 250)
    await page.mouse.down()
    await page.mouse.move(box.x + 300, box.y + 120, { steps: 6 })
    await page.mouse.up()
    await expect.poll(() => Number(word(page, 'price'))).toBeGreaterThan(1_750)
    expect(await page.locator('[data-testid=state]').innerText()).toBe('above the bands: all collateral')
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['?debt=19900', 'debt', 'The contract says'],
    ['?n=3', 'n', '3 is below 4'],
    ['?price=NaN', 'price', 'not a decimal number'],
    ['?m=pre&pre=90', 'pre', 'PreLltvTooHigh'],
    ['?m=infinifi&locks=x', 'locks', "'x' is not"],
  ])('%s is told at its field', async (query, field, sentence) => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/mechanisms${query}`)
    const input = page.locator(`[name=${field}]`)
    await expect.poll(() => input.getAttribute('aria-invalid')).toBe('true')
    const says = page.locator(`[id="${await input.getAttribute('aria-describedby')}"]`)
    expect(await says.innerText()).toContain(sentence)
    expect(complaints).toEqual([])
    await close()
  })

  it('draws a moved price; how long that takes is printed', async () => {
    const { page, close } = await open('')
    const took = await page.evaluate(async () => {
      const slider = document.querySelector('.mech-slider [data-slider=price]') as HTMLInputElement
      const all: number[] = []
      for (let place = 560; place > 460; place -= 2) {
        slider.value = String(place)
        const began = performance.now()
        slider.dispatchEvent(new InputEvent('input', { bubbles: true }))
        document.body.getBoundingClientRect()
        all.push(performance.now() - began)
        await new Promise((done) => requestAnimationFrame(done))
      }
      return all.sort((a, b) => a - b)
    })
    console.info(`a moved price of LLAMMA: median ${took[25]?.toFixed(1)} ms, worst ${took.at(-1)?.toFixed(1)} ms`)
    expect(took).toHaveLength(50)
    await close()
  })
})
