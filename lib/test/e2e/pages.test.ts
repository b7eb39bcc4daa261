/** Every page in a real browser, over the real server: its numbers are the API's, and it is fit for everybody. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatBound, formatCount, formatShare, formatUsd } from '../../analytics/index.ts'
import type { Answers } from '../../api/index.ts'
import type { UnixMs } from '../../model/index.ts'
import { launchBrowser, openPage } from './browser.ts'
import { buildTerminal, terminalWeights } from './built.ts'
import { demoEvents, startWorld, type World } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const MOST_BYTES = 150_000
const PAGES = {
  overview: '/',
  tape: '/tape',
  records: '/records?src=aave-v2&kind=loan',
  report: '/records?kind=perp',
  venues: '/venues',
  tables: '/?table=hours,loan-hours',
  lending: '/lending',
  loan: '/lending?account=sim-a018',
} as const
/** Something that is on each page only when its answers have come. */
const READY: Readonly<Record<keyof typeof PAGES, string>> = {
  overview: '.groups tbody tr',
  tape: '.tape-row',
  records: '.calendar .cell',
  report: '.receipts li',
  venues: '.venues tbody tr',
  tables: '[data-chart=hours] tbody tr',
  lending: '.loans tbody tr',
  loan: '[data-testid=health-factor]',
}

let browser: Browser
let world: World
let empty: World
// A moment of the past does not move: what the page shows and what the API says a second later are the same.
const AT = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString().replace('.000', '')

beforeAll(async () => {
  buildTerminal()
  browser = await launchBrowser()
  world = await startWorld(demoEvents(Date.now() as UnixMs))
  empty = await startWorld([], { mode: () => 'offline', status: () => [] })
})

afterAll(async () => {
  await browser?.close()
  await world?.close()
  await empty?.close()
})

async function ask<R extends keyof Answers>(route: R, query: string): Promise<Answers[R]> {
  const response = await fetch(`${world.api.address}${route}?${query}`)
  return (await response.json()) as Answers[R]
}

function text(page: Page, selector: string): Promise<string> {
  return page.locator(selector).first().innerText()
}

describe('the pages', () => {
  it('overview: totals, sides, venues and coins are the API’s, perps and loans apart', async () => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/?at=${AT}`)
    await page.waitForSelector(READY.overview)
    const perps = (await ask('/v1/totals', `kind=perp&window=24h&at=${AT}`)).data
    const loans = (await ask('/v1/totals', `kind=loan&window=24h&at=${AT}`)).data
    const venues = (await ask('/v1/totals', `by=venue,kind&window=24h&at=${AT}`)).data
    const cards = page.locator('.cards')
    await expect.poll(() => cards.innerText()).toContain(`⊢${formatBound(perps.bound, perps.usd)}`)
    const shown = await cards.innerText()
    expect(shown).toContain(`⊢${formatBound(loans.bound, loans.usd)}`)
    expect(shown).toContain(formatUsd(perps.long.usd))
    expect(shown).toContain(formatUsd(perps.short.usd))
    expect(shown).toContain('long sold')
    expect(shown).not.toContain(formatUsd(perps.usd + loans.usd))
    const worst = [...venues.groups].sort((a, b) => b.usd - a.usd)[0]
    const first = await text(page, '.groups tbody tr')
    expect(first).toContain(formatUsd(worst?.usd))
    expect(first).toContain(formatCount(worst?.events))
    const bar = await text(page, '.total-bar')
    expect(bar).toContain(formatShare((await ask('/v1/coverage', `window=24h&at=${AT}`)).data.share))
    expect(bar).toContain(formatShare(perps.longShare))
    expect(await text(page, '[data-testid=data-kind]')).toBe('SIM ⊢')
    expect(complaints).toEqual([])
    await close()
  })

  it('records: the shipped days, ranked, labelled as recorded', async () => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}${PAGES.records}`)
    await page.waitForSelector('.days tbody tr')
    const { data } = await ask('/v1/records', 'src=aave-v2&kind=loan&limit=25')
    const rows = await page.locator('.days tbody tr').allInnerTexts()
    expect(rows).toHaveLength(25)
    rows.forEach((row, index) => {
      const day = data.days[index]
      expect(row).toContain(day?.day)
      expect(row).toContain(formatUsd(day?.usd))
    })
    expect(await page.locator('.calendar .cell[data-day]').count()).toBe(data.daysWithEvents)
    await expect.poll(() => text(page, '[data-testid=data-kind]')).toBe('RECORDED ◷')
    await page.locator('.calendar .cell[data-day="2021-05-23"]').click()
    await expect.poll(() => page.url()).toContain('at=2021-05-23')
    await expect.poll(() => text(page, '.article')).toContain('2021-05-23')
    expect(complaints).toEqual([])
    await close()
  })

  it('report: every sentence of the API with its receipts', async () => {
    const { page, close } = await openPage(browser, `${world.api.address}${PAGES.report}`)
    await page.waitForSelector(READY.report)
    const day = /at (\d{4}-\d\d-\d\d)/.exec(await text(page, '.receipts code'))?.[1]
    const { data } = await ask('/v1/report', `kind=perp&at=${day}`)
    const article = (await text(page, '.article')).replace(/\s+/g, ' ')
    expect(article).toContain(data.headline)
    const bare = article.replaceAll(/\[\d+\]/g, '')
    for (const sentence of data.sentences) expect(bare).toContain(sentence.text.replace(/\s+/g, ' '))
    expect(await page.locator('.receipts li').count()).toBe(data.receipts.length)
    await close()
  })

  it('venues: policy, part heard and gaps of each', async () => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/venues?at=${AT}`)
    await page.waitForSelector(READY.venues)
    const { data } = await ask('/v1/coverage', `window=24h&at=${AT}`)
    const rows = await page.locator('.venues tbody tr').allInnerTexts()
    expect(rows).toHaveLength(data.venues.length)
    data.venues.forEach((venue, index) => {
      expect(rows[index]).toContain(formatShare(venue.share))
      expect(rows[index]).toContain(formatCount(venue.events))
    })
    expect(await page.locator('.reasons li').allInnerTexts()).toEqual(data.reasons)
    expect(complaints).toEqual([])
    await close()
  })

  it('an empty store without a network says so, offers the demo and shows no zero', async () => {
    const { page, complaints, close } = await openPage(browser, `${empty.api.address}/`)
    await page.waitForSelector('.nothing')
    expect(await text(page, '.nothing')).toContain('npm start -- --demo')
    const bar = await text(page, '.total-bar')
    expect(bar).toContain('—')
    expect(bar).not.toContain('$0')
    await page.locator('.nothing a').first().click()
    await page.waitForSelector('.calendar .cell')
    expect(await text(page, '.days tbody tr')).toContain('2021-05-19')
    expect(complaints).toEqual([])
    await close()
  })

  it('a wrong question is answered in its widget, with the way out', async () => {
    const { page, close } = await openPage(browser, `${world.api.address}/?at=yesterday`)
    await page.waitForSelector('.failed')
    expect(await text(page, '.failed')).toContain('yesterday')
    expect(await page.locator('.tabs a').count()).toBe(11)
    await close()
  })

  it('weighs at most 150 kB after gzip before it stands, and at most as much for each page that computes', () => {
    const { first, pages } = terminalWeights()
    expect(first).toBeGreaterThan(10_000)
    expect(first).toBeLessThanOrEqual(MOST_BYTES)
    expect(pages).toHaveProperty('lending')
    expect(Object.entries(pages).filter(([, bytes]) => bytes > MOST_BYTES)).toEqual([])
  })
})

describe.each(['dark', 'light'] as const)('for everybody, %s', (colorScheme) => {
  it.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('%s has no serious violation', async (name) => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}${PAGES[name]}`, { colorScheme })
    await page.waitForSelector(READY[name])
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  it('the receipt, the help and the empty screen have no serious violation', async () => {
    const { page, close } = await openPage(browser, `${world.api.address}/tape`, { colorScheme })
    await page.waitForSelector(READY.tape)
    await page.locator('.t-receipt a').first().click()
    await page.waitForSelector('.receipt .raw')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.waitForSelector('.help[open]')
    expect(await violations(page)).toEqual([])
    await page.goto(`${empty.api.address}/`)
    await page.waitForSelector('.nothing')
    expect(await violations(page)).toEqual([])
    await close()
  })
})

describe('the scan', () => {
  it('finds what is wrong', async () => {
    const { page, close } = await openPage(browser, `${world.api.address}/venues`, { colorScheme: 'dark' })
    await page.waitForSelector(READY.venues)
    await page.evaluate(() => {
      document
        .querySelector('main')
        ?.insertAdjacentHTML('beforeend', '<p style="color:#333">dark on dark</p><button></button>')
    })
    const found = await violations(page)
    expect(found.map((line) => line.split(':')[0]).sort()).toEqual(['button-name', 'color-contrast'])
    await close()
  })
})

describe('on a telephone', () => {
  it.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('%s does not scroll sideways at 360 px', async (name) => {
    const { page, close } = await openPage(browser, `${world.api.address}${PAGES[name]}`, {
      viewport: { width: 360, height: 740 },
    })
    await page.waitForSelector(READY[name])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    expect(await page.locator('.total-bar').isVisible()).toBe(true)
    await close()
  })

  it.each([
    '/lending',
    '/lending?account=sim-a018',
    '/mechanisms',
    '/cascade',
    '/arena',
    '/position',
  ])('what is pressed, moved or typed into is 40 px high on %s', async (path) => {
    const { page, close } = await openPage(browser, `${world.api.address}${path}`, {
      viewport: { width: 390, height: 844 },
    })
    await page.waitForSelector('main .panel')
    const small = await page
      .locator('button, select, input:not([type=checkbox]), summary, nav a, .bar-item')
      .evaluateAll((all) =>
        all
          .map((one) => ({ name: one.outerHTML.slice(0, 90), high: one.getBoundingClientRect().height }))
          .filter(({ high }) => high > 1 && high < 39.5),
      )
    expect(small).toEqual([])
    await close()
  })
})

type AxeResult = {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
}

/** Serious and critical violations, each with the element it was found on. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResult
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    )
}
