/** The address is the state; keys and search change it; charts have their tables. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatUsd } from '../../analytics/index.ts'
import type { Answers } from '../../api/index.ts'
import type { UnixMs } from '../../model/index.ts'
import { launchBrowser, openPage, type Watched } from './browser.ts'
import { buildTerminal } from './built.ts'
import { demoEvents, startWorld, type World } from './world.ts'

let browser: Browser
let world: World

beforeAll(async () => {
  buildTerminal()
  browser = await launchBrowser()
  world = await startWorld(demoEvents(Date.now() as UnixMs))
})

afterAll(async () => {
  await browser?.close()
  await world?.close()
})

async function open(path: string, ready: string): Promise<Watched> {
  const watched = await openPage(browser, `${world.api.address}${path}`)
  await watched.page.waitForSelector(ready)
  return watched
}

function address(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}

async function search(page: Page, line: string): Promise<void> {
  await page.locator('#search').fill(line)
  await page.keyboard.press('Enter')
}

describe('a page whose code does not come', () => {
  it('says so and stands in the way of no other', async () => {
    const lost = /dynamically imported module|Failed to load resource/
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/`, { expected: lost })
    await page.waitForSelector('.groups tbody tr')
    await page.route(/assets\/lending-[^/]*\.js/, (route) => route.abort())
    await page.locator('.tabs a', { hasText: 'Lending' }).click()
    await expect.poll(() => page.locator('main').innerText()).toContain('This page did not load')
    await page.locator('.tabs a', { hasText: 'Mechanisms' }).click()
    await page.waitForSelector('[data-testid=state]')
    expect(complaints).toEqual([])
    await close()
  })
})

describe('the address', () => {
  it('takes the filter that is typed, narrows every figure, and survives reload and back', async () => {
    const { page, complaints, close } = await open('/', '.groups tbody tr')
    await search(page, 'coin:ETH >5k side:long kind:perp')
    expect(address(page)).toBe('/?coin=ETH&side=long&kind=perp&minUsd=5000')
    const question = 'coin=ETH&side=long&kind=perp&minUsd=5000&window=24h'
    const response = await fetch(`${world.api.address}/v1/totals?${question}`)
    const { data } = (await response.json()) as Answers['/v1/totals']
    await expect.poll(() => page.locator('.total-bar').innerText()).toContain(formatUsd(data.usd))
    const chips = () => page.locator('.chips .chip').allInnerTexts()
    expect((await chips()).map((chip) => chip.replace(/\s*×$/, ''))).toEqual(['coin:ETH', 'side:long', '>5k'])

    await page.reload()
    await expect.poll(() => page.locator('.total-bar').innerText()).toContain(formatUsd(data.usd))
    expect(address(page)).toBe('/?coin=ETH&side=long&kind=perp&minUsd=5000')

    await page.getByRole('button', { name: 'remove coin:ETH' }).click()
    expect(address(page)).toBe('/?side=long&kind=perp&minUsd=5000')
    await page.goBack()
    expect(address(page)).toBe('/?coin=ETH&side=long&kind=perp&minUsd=5000')
    await expect.poll(chips).toHaveLength(3)
    await page.goBack()
    expect(address(page)).toBe('/')
    await expect.poll(chips).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  it('says what it does not understand and changes nothing', async () => {
    const { page, close } = await open('/', '.groups tbody tr')
    await search(page, 'colour:red')
    expect(await page.locator('.complaint').innerText()).toContain('colour:red')
    expect(address(page)).toBe('/')
    await close()
  })

  it('finds the simulated venue under the venue’s own name', async () => {
    const { page, close } = await open('/tape', '.tape-row')
    await search(page, 'venue:bybit')
    expect(address(page)).toBe('/tape?venue=sim:bybit')
    await expect
      .poll(async () => [...new Set(await page.locator('.tape-row:not(.gap-row) .t-venue').allInnerTexts())])
      .toEqual(['Bybit'])
    await close()
  })

  it('opens the same screen in another browser', async () => {
    const path = '/tape?window=12h&coin=BTC&kind=perp'
    const [one, two] = [await open(path, '.tape-row'), await open(path, '.tape-row')]
    const ids = (page: Page) =>
      page.locator('.tape-row[data-id]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')))
    expect(await ids(two.page)).toEqual(await ids(one.page))
    await one.close()
    await two.close()
  })
})

describe('a reload', () => {
  it.each(['/', '/tape', '/records', '/venues', '/position'])('of %s gives the page again', async (path) => {
    const { page, complaints, close } = await open(path, 'main section')
    await page.reload()
    await page.waitForSelector('main section')
    await page.reload()
    await page.waitForSelector('main section')
    expect(complaints).toEqual([])
    await close()
  })
})

describe('the figures', () => {
  it('lead to their rows, and each row to its raw frame', async () => {
    const { page, complaints, close } = await open('/', '.groups tbody tr')
    await page.locator('.card .big').first().click()
    await page.waitForSelector('.tape-row[data-id]')
    expect(address(page)).toBe('/tape?kind=perp')
    const id = await page.locator('.tape-row[data-id]').first().getAttribute('data-id')
    await page.locator('.tape-row[data-id] .t-receipt a').first().click()
    await page.waitForSelector('.receipt .raw')
    expect(address(page)).toBe(`/tape?kind=perp&event=${id}`)
    const raw = await (await fetch(`${world.api.address}/v1/liquidations/${id}/raw`)).text()
    const shown = await page.locator('.receipt .raw').innerText()
    expect(shown.replace(/\s/g, '')).toBe(raw.replace(/\s/g, ''))
    await page.keyboard.press('Escape')
    await expect.poll(() => address(page)).toBe('/tape?kind=perp')
    expect(complaints).toEqual([])
    await close()
  })

  it('have a table beside every chart, with the same sums', async () => {
    const { page, close } = await open('/?kind=perp', '[data-chart=hours] svg[role=img]')
    await page.keyboard.press('x')
    await page.waitForSelector('[data-chart=hours] tbody tr')
    expect(address(page)).toBe('/?kind=perp&table=hours')
    const orders = await page.locator('[data-chart=hours] tbody tr td:nth-child(5)').allInnerTexts()
    const response = await fetch(`${world.api.address}/v1/totals?kind=perp&window=24h`)
    const { data } = (await response.json()) as Answers['/v1/totals']
    const sum = orders.reduce((total, text) => total + Number(text.replaceAll(',', '')), 0)
    expect(sum).toBe(data.events)
    await page.keyboard.press('x')
    await page.waitForSelector('[data-chart=hours] svg[role=img]')
    expect(address(page)).toBe('/?kind=perp')
    await close()
  })
})

describe('the keys', () => {
  it('go to pages, choose windows, step through time, open search and help', async () => {
    const { page, complaints, close } = await open('/', '.groups tbody tr')
    const went: string[] = []
    for (const keys of ['gt', 'gr', 'gv', 'gp', 'go', '1', '5', '4']) {
      for (const key of keys) await page.keyboard.press(key)
      went.push(address(page))
    }
    expect(went).toEqual(['/tape', '/records', '/venues', '/position', '/', '/?window=1h', '/?window=7d', '/'])
    await page.keyboard.press('[')
    expect(address(page)).toMatch(/^\/\?at=\d{4}-\d\d-\d\dT\d\d:\d\dZ$/)
    await page.keyboard.press(']')
    expect(address(page)).toBe('/')
    await page.keyboard.press('?')
    await page.waitForSelector('.help[open]')
    await page.keyboard.press('Escape')
    await page.waitForSelector('.help:not([open])', { state: 'attached' })
    await page.keyboard.press('b')
    await page.keyboard.type('tc')
    expect(await page.locator('#search').inputValue()).toBe('btc')
    expect(await page.locator('.suggestion').first().innerText()).toContain('coin:BTC')
    await page.keyboard.press('Enter')
    expect(address(page)).toBe('/?coin=BTC')
    expect(complaints).toEqual([])
    await close()
  })

  it('reach everything with Tab, visibly', async () => {
    const { page, close } = await open('/', '.groups tbody tr')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('to the page')
    const seen = new Set<string>()
    for (let press = 0; press < 32; press++) {
      await page.keyboard.press('Tab')
      const { name, outline } = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        const name = element.getAttribute('aria-label') ?? element.textContent ?? ''
        return { name: name.trim(), outline: getComputedStyle(element).outlineStyle }
      })
      expect([name, outline]).toEqual([name, 'solid'])
      seen.add(name)
    }
    expect([...seen]).toEqual(expect.arrayContaining(['search and filter', 'Tape', '24h', 'loans', 'help and keys']))
    await close()
  })
})

describe('the theme', () => {
  it('follows the system until it is switched, and stays', async () => {
    const { page, close } = await openPage(browser, `${world.api.address}/venues`, { colorScheme: 'light' })
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await background()
    await page.getByRole('button', { name: 'dark or light theme' }).click()
    await expect.poll(background).not.toBe(light)
    const dark = await background()
    await page.reload()
    await expect.poll(background).toBe(dark)
    await close()
  })
})
