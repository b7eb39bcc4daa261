/** The page of incidents in a real browser: model beside record, other rules, the same from the address, tables for charts, no data sent anywhere. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INCIDENTS, incidentOf } from '../../sim/index.ts'
import { SHARED_DATA } from '../shared-data.ts'
import { launchBrowser, openPage, type Watched } from './browser.ts'
import { buildTerminal } from './built.ts'
import { startWorld, type World } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const WHOLE = '[data-testid=tally][data-state=whole]'

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
  const watched = await openPage(browser, `${world.api.address}/incidents${query}`, options)
  await watched.page.waitForSelector(WHOLE, { timeout: 60_000 })
  return watched
}

const cells = (page: Page, row: string) => page.locator(`${row} td`).allInnerTexts()

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary}`)
}

describe('the page of incidents', () => {
  it('lists all of them, and opens one beside its record', async () => {
    const { page, complaints, close } = await open('')
    expect(await page.locator('.incident-years a').count()).toBe(INCIDENTS.length)
    expect(await cells(page, '[data-figure=oracleProfit]')).toEqual(
      expect.arrayContaining([expect.stringContaining('382.76 ETH'), '382.808 ETH', '+0.01 %', 'met']),
    )
    await page.locator('.incident-years a', { hasText: 'CRV on Aave' }).click()
    await page.waitForSelector('[data-figure=toxic]')
    expect(new URL(page.url()).searchParams.get('id')).toBe('2022-11-22-crv-aave-v2')
    expect(await page.locator('[data-testid=disputed]').innerText()).toContain('2.656M')
    expect(await page.locator('[data-testid=sources]').innerText()).toContain('reported by others')
    expect(complaints).toEqual([])
    await close()
  })

  it('changes one rule, writes it into the address, and comes back after a reload', async () => {
    const { page, complaints, close } = await open('')
    await page.locator('button[data-rules=guard]').click()
    await page.waitForSelector('tr[data-rules=guard].chosen')
    await page.waitForSelector(WHOLE, { timeout: 60_000 })
    expect(new URL(page.url()).searchParams.get('with')).toBe('guard=0.01')
    const told = await cells(page, 'tr[data-rules=guard]')
    expect(told[0]).toBe('1 %')
    expect(await page.locator('[data-testid=command]').innerText()).toContain('--with guard=0.01')
    await page.reload()
    await page.waitForSelector(WHOLE, { timeout: 60_000 })
    expect(await cells(page, 'tr[data-rules=guard]')).toEqual(told)
    await page.locator('.incident-settings summary').click()
    await page.locator('[data-setting=guard]').fill('7')
    await page.waitForSelector('.broken')
    expect(await page.locator('.broken').innerText()).toContain('lies between 0 and 1')
    expect(complaints).toEqual([])
    await close()
  })

  it('has a table for each chart', async () => {
    const { page, complaints, close } = await open('?id=2026-05-28-spacex-hip3&with=window=0.1')
    expect(await page.locator('[data-chart=mark] [role=img]').getAttribute('aria-label')).toContain('mark, changed')
    await page.locator('[data-chart=mark] button[aria-pressed]').click()
    await page.waitForSelector('[data-chart=mark] tbody tr')
    expect(await page.locator('main').innerText()).not.toMatch(/NaN|Infinity|undefined/)
    expect(complaints).toEqual([])
    await close()
  })

  it('says which data a figure needs', async () => {
    const { page, complaints, close } = await open('?id=2025-10-10-adl-waves')
    expect(await page.locator('[data-testid=tally]').innerText()).toContain('12 need data')
    expect(complaints).toEqual([])
    await close()
  })

  const folder = resolve(SHARED_DATA, 'hl-adl-waves-2025-10-10')
  it.skipIf(!existsSync(folder))('reads data files in the browser, and sends them nowhere', async () => {
    const { page, complaints, close } = await open('?id=2025-10-10-adl-waves')
    const sent: string[] = []
    page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()))
    const files = incidentOf('2025-10-10-adl-waves').files.map((name) => resolve(SHARED_DATA, name))
    await page.locator('input[type=file]').setInputFiles(files)
    await page.waitForSelector('[data-figure=net][data-verdict=met]', { timeout: 60_000 })
    expect(sent).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['dark', 1440],
    ['light', 390],
  ] as const)('%s at %d: nothing hidden from a screen reader, nothing wider than the screen', async (colorScheme, width) => {
    const viewport = { width, height: width === 390 ? 844 : 900 }
    const query = width === 390 ? '' : '?id=2022-11-22-crv-aave-v2&with=stopAt=0.957'
    const { page, complaints, close } = await open(query, { colorScheme, viewport })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })
})
