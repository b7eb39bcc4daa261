/** The arena in a real browser: columns out of a worker, the address as the question, switches, sorting, twins, cancelling, and nobody left out. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arena, arenaQuestion } from '../../sim/index.ts'
import { launchBrowser, openPage } from './browser.ts'
import { buildTerminal } from './built.ts'
import { startWorld, type World } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const WORDS = { mechanisms: 'morpho,stability-pool,llamma:bands=5', accounts: '12', crash: 'v:-40%:2h' }
const ADDRESS = `/arena?${new URLSearchParams(WORDS)}`
const SLOW = 60_000

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

async function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  const watched = await openPage(browser, `${world.api.address}${path}`, options)
  await watched.page.waitForSelector('.arena-grid')
  return watched
}

const done = (page: Page) => page.waitForSelector('.arena-progress[data-state=done]', { timeout: SLOW })
const cards = (page: Page) =>
  page.locator('.arena-card').evaluateAll((all) => all.map((one) => one.getAttribute('data-column')))
const firstCells = (page: Page) =>
  page.locator('.arena-table tbody th').evaluateAll((all) => all.map((one) => one.childNodes[0]?.textContent?.trim()))

describe('the arena page', () => {
  it('says what the same question says without a browser', { timeout: SLOW }, async () => {
    const { page, complaints, close } = await open(ADDRESS)
    await done(page)
    const told = await page.locator('[data-testid=verdict]').innerText()
    expect(told.replace(/^SIM\s*/, '')).toBe(arena(arenaQuestion(WORDS)).verdict)
    expect(await cards(page)).toEqual(['morpho', 'stability-pool', 'llamma:bands=5'])
    expect(await page.locator('[data-testid=command]').innerText()).toBe(
      'breakwater compare --crash v:-40%:2h --mechanisms morpho,stability-pool,llamma:bands=5 --accounts 12',
    )
    expect(await page.locator('.data-kind.simulated').innerText()).toContain('SIM')
    expect(await page.locator('.arena-params').textContent()).toContain('(default)')
    expect(complaints).toEqual([])
    await close()
  })

  it('sorts by a measure and keeps that in the address; shows charts as tables', { timeout: SLOW }, async () => {
    const { page, complaints, close } = await open(ADDRESS)
    await done(page)
    const rows = arena(arenaQuestion(WORDS)).rows
    await page.locator('[data-sort=sold]').click()
    const up = [...rows].sort((a, b) => a.sold - b.sold).map(({ id }) => id)
    await expect.poll(() => firstCells(page)).toEqual(up)
    await page.locator('[data-sort=sold]').click()
    await expect.poll(() => firstCells(page)).toEqual(up.toReversed())
    await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('-sold')
    await page.locator('[data-chart=pareto] .tool', { hasText: 'table' }).click()
    await page.locator('[data-chart=multiples] .tool', { hasText: 'table' }).click()
    expect(await page.locator('[data-chart=pareto] tbody tr').count()).toBe(3)
    expect(await page.locator('[data-chart=multiples] tbody tr').count()).toBe(3)
    expect(complaints).toEqual([])
    await close()
  })

  it('runs again when a switch is set, and the verdict says so', { timeout: SLOW }, async () => {
    const { page, complaints, close } = await open(ADDRESS)
    await done(page)
    await page.locator('select[name=failure-liquidators]').selectOption('1h')
    await expect.poll(() => new URL(page.url()).searchParams.get('failure')).toBe('liquidators=1h')
    await expect
      .poll(() => page.locator('[data-testid=verdict]').innerText(), { timeout: SLOW })
      .toContain('liquidators absent for 60 min')
    await page.locator('input[name=kind-llamma]').uncheck()
    await expect.poll(() => cards(page), { timeout: SLOW }).toEqual(['morpho', 'stability-pool'])
    expect(complaints).toEqual([])
    await close()
  })

  it('can be cancelled, and says everything that is wrong with its words', { timeout: SLOW }, async () => {
    const { page, complaints, close } = await open('/arena?accounts=4000&mechanisms=kamino,maker-flip')
    await page.waitForSelector('.arena-progress[data-state=running]')
    await page.locator('.arena-progress .tool', { hasText: 'cancel' }).click()
    await page.waitForSelector('.arena-progress[data-state=stopped]')
    expect(await page.locator('.arena-progress').innerText()).toContain('stopped after 0 of 2 columns')
    await page.goto(`${world.api.address}/arena?accounts=-1&mechanisms=nothing,bob:targetLtv=7`)
    const problems = page.locator('[data-testid=problems] li')
    await expect.poll(() => problems.count()).toBeGreaterThanOrEqual(3)
    expect(await page.locator('[data-testid=problems]').innerText()).toMatch(
      /'nothing'[\s\S]*targetLtv of bob[\s\S]*accounts is '-1'/,
    )
    expect(complaints).toEqual([])
    await close()
  })

  it('fits a phone and leaves nobody out, dark and light', { timeout: 2 * SLOW }, async () => {
    for (const options of [
      { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
      { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
    ] as const) {
      const { page, complaints, close } = await open(ADDRESS, options)
      await done(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      await page.evaluate(AXE)
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
        }
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
      })
      expect(violations).toEqual([])
      expect(complaints).toEqual([])
      await close()
    }
  })
})
