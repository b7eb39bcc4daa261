/** The cascade lab in a real browser: figures equal the library's, a dragged line redraws and plays, the address and the command line give the same. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCascade, sortBook } from '../../../web/src/data/cascade.ts'
import { bookCsv, demoBook } from '../../../web/src/data/cascade-book.ts'
import { fanRun } from '../../../web/src/data/cascade-paths.ts'
import { CASCADE_WORDS, readCascade } from '../../../web/src/state/cascade.ts'
import { fanSentence } from '../../../web/src/ui/cascade-fan-words.ts'
import { coinPrice, moved, runSentence } from '../../../web/src/ui/cascade-words.ts'
import { positionStress, stressQuestion } from '../../api/index.ts'
import { parsePositions } from '../../sim/index.ts'
import { launchBrowser, openPage, type Watched } from './browser.ts'
import { buildTerminal } from './built.ts'
import { startWorld, type World } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

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
  await watched.page.waitForSelector('.waterfall svg')
  return watched
}

const told = (page: Page, name: string) => page.locator(`[data-testid=${name}]`).innerText()
const word = (page: Page, name: string) => new URL(page.url()).searchParams.get(name)

/** The same run, by the library. */
function runOf(more: Partial<Record<keyof typeof CASCADE_WORDS, string>>) {
  const input = readCascade({ ...CASCADE_WORDS, ...more })
  const book = demoBook(input.seed)
  return { input, book, run: runCascade(sortBook(book, input.numbers.close / 100), input) }
}

describe('the cascade lab', () => {
  it.each([
    ['', {}],
    ['?seed=11&impact=pool&depth=0.5', { seed: '11', impact: 'pool', depth: '0.5' }],
    ['?coin=ETH&shock=ETH:9&close=50', { coin: 'ETH', shock: 'ETH:9', close: '50' }],
  ])('shows what the library computes from the same words: %s', async (query, words) => {
    const { page, complaints, close } = await open(`/cascade${query}`)
    const { run, input } = runOf(words)
    const mine = run.coins.find(({ coin }) => coin === input.coin) as (typeof run.coins)[number]
    expect(await told(page, 'resting-price')).toBe(`⊢${coinPrice(mine.outcome.price)}`)
    expect(await told(page, 'move')).toBe(moved(mine.outcome.price, mine.start))
    expect(await told(page, 'sentence')).toBe(runSentence(mine))
    expect(await told(page, 'hash')).toBe(run.hash)
    expect(await told(page, 'sum')).toBe('0.00')
    expect(await page.locator('.round-list button').count()).toBe(mine.outcome.rounds.length)
    expect(await page.locator('[data-testid=data-kind]').allInnerTexts()).toEqual(['SIM ⊢'])
    expect(complaints).toEqual([])
    await close()
  })

  it('prints a command line whose own answer is the same', async () => {
    const { page, close } = await open('/cascade?shock=BTC:-7,ETH:-4')
    const command = await told(page, 'command')
    const words = Object.fromEntries([...command.matchAll(/--(\w+) (\S+)/g)].map((match) => [match[1], match[2]]))
    const { run, book } = runOf({ shock: 'BTC:-7,ETH:-4' })
    const { book: file, ...params } = words
    expect(file).toBe('cascade-7.csv')
    const answer = positionStress(parsePositions(bookCsv(book)), stressQuestion(params))
    expect(answer.coins.map(({ coin }) => coin)).toEqual(['BTC', 'ETH'])
    for (const { coin, core, liquidated } of answer.coins) {
      const mine = run.coins.find((one) => one.coin === coin)
      expect([coin, liquidated]).toEqual([coin, mine?.accounts])
      expect(core.price / (mine?.outcome.price as number)).toBeCloseTo(1, 7)
    }
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('book as CSV').click()])
    expect(readFileSync(await download.path(), 'utf8')).toBe(bookCsv(book))
    await close()
  })

  it('follows the dragged line and the keys on it, and a reload shows the same', async () => {
    const { page, complaints, close } = await open('/cascade')
    const line = page.locator('[data-testid=shock-line]')
    const box = await line.boundingBox()
    if (!box) throw new Error('the line is not on the page')
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const before = await told(page, 'move')
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + 25, { steps: 6 })
    const during = await told(page, 'move')
    expect(during).not.toBe(before)
    await page.mouse.up()
    await expect.poll(() => word(page, 'shock')).toMatch(/^BTC:-\d+(\.\d+)?,ETH:-6,SOL:-8$/)
    const shock = word(page, 'shock') as string
    await line.focus()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => word(page, 'shock')).not.toBe(shock)
    const { run } = runOf({ shock: word(page, 'shock') as string })
    expect(await told(page, 'hash')).toBe(run.hash)
    await page.reload()
    await page.waitForSelector('.waterfall svg')
    expect(await told(page, 'hash')).toBe(run.hash)
    expect(complaints).toEqual([])
    await close()
  })

  it('goes through the rounds by buttons and by space, and the address keeps the round', async () => {
    const { page, complaints, close } = await open('/cascade', { reducedMotion: 'reduce' })
    const rounds = await page.locator('.round-list button').count()
    expect(rounds).toBeGreaterThan(1)
    expect(await told(page, 'round')).toBe(`round ${rounds} of ${rounds}`)
    await page.getByLabel('one round back').click()
    await expect.poll(() => word(page, 'round')).toBe(String(rounds - 1))
    await page.reload()
    await page.waitForSelector('.waterfall svg')
    expect(await told(page, 'round')).toBe(`round ${rounds - 1} of ${rounds}`)
    // Without motion space steps.
    await page.locator('main').focus()
    await page.keyboard.press(' ')
    await expect.poll(() => told(page, 'round')).toBe(`round ${rounds} of ${rounds}`)
    expect(complaints).toEqual([])
    await close()
  })

  it('plays where motion is wanted', async () => {
    const { page, close } = await open('/cascade', { reducedMotion: 'no-preference' })
    const rounds = await page.locator('.round-list button').count()
    await page.locator('main').focus()
    await page.keyboard.press(' ')
    expect(await told(page, 'round')).not.toBe(`round ${rounds} of ${rounds}`)
    await expect.poll(() => told(page, 'round'), { timeout: 20_000 }).toBe(`round ${rounds} of ${rounds}`)
    await close()
  })

  it('runs the fan in a worker with the library’s numbers, and stops when asked', async () => {
    const { page, complaints, close } = await open('/cascade?paths=600&hours=2')
    await expect.poll(() => told(page, 'fan-state'), { timeout: 30_000 }).toMatch(/^600 of 600 paths · \d+ ms/)
    console.info(`the fan: ${await told(page, 'fan-state')}`)
    const { input, book } = runOf({ paths: '600', hours: '2' })
    const fan = fanRun(book, input, 'BTC')?.next(600)
    if (!fan) throw new Error('no fan')
    const start = book.coins.get('BTC')?.price as number
    expect(await page.locator('[data-chart=fan] .summary').innerText()).toBe(fanSentence(fan, start))
    await page.goto(`${world.api.address}/cascade?paths=20000&hours=72`)
    await page.waitForSelector('.waterfall svg')
    await expect.poll(() => told(page, 'fan-state'), { timeout: 30_000 }).toContain('running')
    await page.getByRole('button', { name: 'stop' }).click()
    await expect.poll(() => told(page, 'fan-state')).toContain('stopped: a partial result')
    expect(complaints).toEqual([])
    await close()
  })

  it('redraws a moved slider within its frame', async () => {
    const { page, close } = await open('/cascade')
    const took = await page.evaluate(async () => {
      const slider = document.querySelector('[data-slider=shock-BTC]') as HTMLInputElement
      const times: number[] = []
      for (let place = 500; place < 540; place++) {
        slider.value = String(place)
        const began = performance.now()
        slider.dispatchEvent(new InputEvent('input', { bubbles: true }))
        document.body.getBoundingClientRect()
        times.push(performance.now() - began)
        await new Promise((done) => requestAnimationFrame(done))
      }
      return times.sort((a, b) => a - b)
    })
    console.info(`a moved shock: median ${took[20]?.toFixed(1)} ms, worst ${took.at(-1)?.toFixed(1)} ms`)
    expect(await told(page, 'move')).not.toBe('−5.00 %')
    await close()
  })

  it('takes a pasted list, keeps it in the browser, and tells bad rows', async () => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/cascade?book=own&shock=BTC:-12`)
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`))
    await page
      .locator('[name=positions]')
      .fill(
        'account,coin,side,size,entry,leverage,mark\nsecret-account,BTC,long,3,90000,10,90000\nother,BTC,sideways,1,1,1,',
      )
    await page.locator('[name=positions]').blur()
    await page.waitForSelector('.waterfall svg')
    expect(await page.locator('.forced tbody').innerText()).toContain('secret-account')
    expect(await page.locator('[data-testid=refused]').innerText()).toContain('row 2')
    await page.reload()
    await page.waitForSelector('.waterfall svg')
    expect(page.url()).not.toContain('secret')
    expect(asked.filter((one) => one.includes('secret'))).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  it.each(['shock=BTC:-100', 'depth=0', 'impact=magic'])('%s is told, and the last figures stay', async (query) => {
    const { page, complaints, close } = await open(`/cascade?${query}`)
    expect(await page.locator('.field-says.broken').count()).toBeGreaterThan(0)
    expect(await page.locator('.answer .stale-note').count()).toBe(1)
    expect(complaints).toEqual([])
    await close()
  })
})

describe.each(['dark', 'light'] as const)('for everybody, %s', (colorScheme) => {
  it.each(['', '?table=waterfall,fan,branching', '?book=own', '?depth=0'])('no serious violation %s', async (query) => {
    const { page, complaints, close } = await openPage(browser, `${world.api.address}/cascade${query}`, { colorScheme })
    await page.waitForSelector('form[aria-label=cascade]')
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
    for (const more of ['', '?book=own', '?table=waterfall,fan,branching', '?shock=BTC:-40']) {
      const { page, close } = await openPage(browser, `${world.api.address}/cascade${more}`, {
        viewport: { width, height: 800 },
      })
      await page.waitForSelector('form[aria-label=cascade]')
      expect([more, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([more, width])
      await close()
    }
  })
})
