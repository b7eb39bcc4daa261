/** The page of loans in a real browser: its figures are the command line's, the line is drawn by pointer and keys, a table of one's own stays there. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  formatCount,
  formatFactor,
  formatUsd,
  healthAnswer,
  ladderAnswer,
  lendingQuestion,
  simulatedBooks,
} from '../../analytics/index.ts'
import { canonical } from '../../model/index.ts'
import { compiled, run } from '../program.ts'
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

async function open(
  path: string,
  ready = '.loans tbody tr',
  options: Parameters<typeof openPage>[2] = {},
): Promise<Watched> {
  const watched = await openPage(browser, `${world.api.address}${path}`, options)
  await watched.page.waitForSelector(ready)
  return watched
}

const told = (page: Page, name: string) => page.locator(`[data-testid=${name}]`).innerText()
const word = (page: Page, name: string) => new URL(page.url()).searchParams.get(name)
const ask = (words: Record<string, string>) => lendingQuestion(words, simulatedBooks())

describe('the ladder', () => {
  it('is the one of the command line, simulated loans said to be so', async () => {
    const { page, complaints, close } = await open('/lending?shock=depeg:stETH/ETH=-10%25&table=ladder')
    const words = { shock: 'depeg:stETH/ETH=-10%' }
    const answer = ladderAnswer(ask(words))
    if (compiled) {
      const { stdout } = await run(['lending', 'at-risk', '--accounts', 'demo', '--shock', words.shock, '--json'])
      expect(stdout).toBe(`${canonical(answer)}\n`)
    }
    expect(await told(page, 'sentence')).toBe('stETH −10 % against ETH; ETH itself keeps its price.')
    expect(await told(page, 'asked-accounts')).toBe(formatCount(answer.asked.accounts))
    expect(await told(page, 'asked-collateral')).toBe(`⊢${formatUsd(answer.asked.collateral)}`)
    expect(await told(page, 'asked-debt')).toBe(`⊢${formatUsd(answer.asked.debt)}`)
    const rows = await page.locator('.ladder-table tbody tr').allInnerTexts()
    expect(rows).toHaveLength(answer.rows.length + 1)
    answer.rows.forEach((row, index) => {
      const cells = (rows[index + 1] as string).split(/\t/).map((cell) => cell.trim())
      expect(cells.slice(0, 6)).toEqual([
        ...[`−${row.drop} %`, formatCount(row.accounts), formatUsd(row.today), formatUsd(row.collateral)],
        ...[formatUsd(row.debt), formatUsd(row.badDebt)],
      ])
    })
    expect(await page.locator('[data-testid=data-kind]').allInnerTexts()).toEqual(['SIM ⊢'])
    expect(await told(page, 'loans-source')).toContain('Simulated loans, drawn from seed 7')
    expect(await told(page, 'command')).toBe('breakwater lending at-risk --accounts demo --shock depeg:stETH/ETH=-10%')
    expect(complaints).toEqual([])
    await close()
  })

  it('follows the line by keys and pointer, the address follows it, and survives a reload', async () => {
    const { page, complaints, close } = await open('/lending')
    const line = page.locator('[data-testid=drop-line]')
    await line.focus()
    for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('PageUp')
    await expect.poll(() => word(page, 'shock')).toBe('market:ETH=-27%')
    expect(await told(page, 'asked-accounts')).toBe(
      formatCount(ladderAnswer(ask({ shock: 'market:ETH=-27%' })).asked.accounts),
    )
    const box = await page.locator('.ladder-ground').boundingBox()
    if (!box) throw new Error('the chart is not on the page')
    await page.mouse.move(box.x + 20, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 70, { steps: 12 })
    await page.mouse.up()
    await expect.poll(() => Number(/-([\d.]+)%/.exec(word(page, 'shock') ?? '')?.[1])).toBeGreaterThan(40)
    const [address, accounts] = [page.url(), await told(page, 'asked-accounts')]
    expect(accounts).toBe(formatCount(ladderAnswer(ask({ shock: word(page, 'shock') as string })).asked.accounts))
    await page.reload()
    await page.waitForSelector('.loans tbody tr')
    expect([page.url(), await told(page, 'asked-accounts')]).toEqual([address, accounts])
    expect(complaints).toEqual([])
    await close()
  })

  it('draws a moved line', async () => {
    const { page, close } = await open('/lending')
    const took = await page.evaluate(async () => {
      const slider = document.querySelector('[data-slider=drop]') as HTMLInputElement
      const times: number[] = []
      for (let drop = 10; drop < 50; drop++) {
        slider.value = String(drop)
        const began = performance.now()
        slider.dispatchEvent(new InputEvent('input', { bubbles: true }))
        document.body.getBoundingClientRect()
        times.push(performance.now() - began)
        await new Promise((done) => requestAnimationFrame(done))
      }
      return times.sort((a, b) => a - b)
    })
    console.info(`a moved line: median ${took[20]?.toFixed(1)} ms, worst ${took.at(-1)?.toFixed(1)} ms`)
    expect(took).toHaveLength(40)
    expect(await told(page, 'sentence')).toContain('−49 %')
    await close()
  })

  it('compares with the other shock, and asks that instead', async () => {
    const { page, close } = await open('/lending')
    const { compare } = ladderAnswer(ask({ shock: 'market:ETH=-20%', compare: 'only:ETH=-20%' }))
    const text = await told(page, 'other-shock')
    expect(text).toContain('Only collateral priced in ETH −20 %')
    expect(text).toContain(formatUsd(compare?.debt))
    expect(text).toContain(compare?.why)
    await page.getByRole('button', { name: 'ask that instead' }).click()
    await expect.poll(() => word(page, 'shock')).toBe('only:ETH=-20%')
    expect(await told(page, 'asked-debt')).toBe(`⊢${formatUsd(compare?.debt)}`)
    await page.locator('[data-kind=depeg]').click()
    await expect.poll(() => word(page, 'shock')).toBe('depeg:stETH/ETH=-20%')
    await close()
  })
})

describe('the loans', () => {
  it('are those of the command line in its order; one opens in full and back goes back', async () => {
    const { page, complaints, close } = await open('/lending?shock=only:ETH=-15%25')
    const { listed } = healthAnswer(ask({ shock: 'only:ETH=-15%' }))
    const rows = page.locator('.loans tbody tr')
    expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-account')))).toEqual(
      listed.map(({ account }) => account),
    )
    const loan = listed[3]
    if (!loan) return expect.unreachable()
    expect(await rows.nth(3).innerText()).toContain(formatFactor(loan.under?.healthFactor))
    await rows.nth(3).locator('a').click()
    await page.waitForSelector('[data-testid=health-factor]')
    expect(word(page, 'account')).toBe(loan.target)
    expect(await told(page, 'health-factor')).toBe(formatFactor(loan.healthFactor))
    expect(await told(page, 'health-after')).toBe(formatFactor(loan.under?.healthFactor))
    expect(await told(page, 'loan-says')).toBe(loan.says)
    await page.goBack()
    await page.waitForSelector('.loans tbody tr')
    expect(word(page, 'account')).toBeNull()
    await page.getByRole('button', { name: 'next ›' }).click()
    await expect.poll(() => word(page, 'rows')).toBe('2')
    expect(await rows.first().getAttribute('data-account')).not.toBe(listed[0]?.account)
    expect(complaints).toEqual([])
    await close()
  })

  it('sort by a head, the other way round when it is pressed again, and the address keeps it', async () => {
    const { page, close } = await open('/lending')
    const owes = () => page.locator('.loans thead th', { hasText: 'owes' })
    const first = () => page.locator('.loans tbody tr').first().getAttribute('data-account')
    await owes().getByRole('button').click()
    await expect.poll(() => word(page, 'order')).toBe('debt')
    expect(await owes().getAttribute('aria-sort')).toBe('descending')
    const largest = await first()
    await owes().getByRole('button').click()
    await expect.poll(() => owes().getAttribute('aria-sort')).toBe('ascending')
    expect(await first()).not.toBe(largest)
    await page.reload()
    await page.waitForSelector('.loans tbody tr')
    expect(word(page, 'order')).toBe('-debt')
    expect(await owes().getAttribute('aria-sort')).toBe('ascending')
    await close()
  })

  it('what a liquidator makes of one follows the costs', async () => {
    const { page, close } = await open('/lending?account=sim-a018', '[data-testid=health-factor]')
    const profit = async () => (await page.locator('.take').first().innerText()).replace(/\s+/g, ' ')
    const left = (gas: string) => formatUsd(healthAnswer(ask({ account: 'sim-a018', gas })).listed[0]?.take?.profit)
    expect(await profit()).toContain(`is left with ${left('20')}`)
    await page.locator('[name=gas]').fill('1000')
    await page.keyboard.press('Tab')
    await expect.poll(profit).toContain(`is left with ${left('1000')}`)
    expect(await told(page, 'command')).toContain('--account sim-a018 --gas 1000')
    await close()
  })
})

describe('a table of one’s own', () => {
  it('is looked at, stays after a reload, and can be forgotten; nothing of it leaves the browser', async () => {
    const { page, complaints, close } = await open('/lending?accounts=mine', '.failed')
    const sent: string[] = []
    page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()))
    expect(await page.locator('.failed').innerText()).toContain('not in this browser')
    await page.getByRole('button', { name: 'four loans as an example' }).click()
    await page.waitForSelector('.loans tbody tr')
    expect(await told(page, 'asked-accounts')).toBe('1')
    await page.locator('[data-kind=only]').click()
    await expect.poll(() => told(page, 'asked-accounts')).toBe('3')
    expect(await page.locator('[data-testid=data-kind]').allInnerTexts()).toEqual(['RECORDED ◷'])
    await page.reload()
    await page.waitForSelector('.loans tbody tr')
    expect(await told(page, 'asked-accounts')).toBe('3')
    const names = await page
      .locator('.loans tbody tr')
      .evaluateAll((all) => all.map((row) => row.getAttribute('data-account')))
    expect(names).toEqual(['B', 'C', 'D', 'A'])
    await page.locator('.own-table summary').click()
    await page
      .locator('[name=accounts]')
      .fill('account,collateral,collateralAmount,debt,debtAmount\nA,ETH,1,USDC,1500\nX,DOGE,1,USDC,5\n')
    await page.getByRole('button', { name: 'look at it' }).click()
    await expect.poll(() => page.locator('.refused').innerText()).toContain('1 rows refused')
    await page.locator('[name=accounts]').fill('nonsense')
    await page.getByRole('button', { name: 'look at it' }).click()
    await expect.poll(() => page.locator('.failed').innerText()).toContain('lacks the column account')
    await page.getByRole('button', { name: 'forget it' }).click()
    await page.reload()
    await page.waitForSelector('.failed')
    expect(sent).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['/lending?shock=market:DOGE=-20%25', 'nothing in the book is priced in DOGE'],
    ['/lending?shock=nonsense', "'nonsense' is no shock"],
    ['/lending?protocol=nowhere', 'no loan here is of nowhere'],
    ['/lending?account=nobody', 'no loan of nobody among 480'],
  ])('%s says what is wrong', async (path, sentence) => {
    const { page, complaints, close } = await open(path, '.failed')
    expect(await page.locator('.failed').first().innerText()).toContain(sentence)
    expect(complaints).toEqual([])
    await close()
  })
})

describe.each(['dark', 'light'] as const)('for everybody, %s', (colorScheme) => {
  it.each([
    ['/lending', '.loans tbody tr'],
    ['/lending?table=ladder&by=protocol&shock=only:ETH=-40%25', '.ladder-table tbody tr'],
    ['/lending?account=sim-c030', '[data-testid=health-factor]'],
    ['/lending?account=sim-m047&table=health', '.ladder-table tbody tr'],
    ['/lending?accounts=mine', '.failed'],
    ['/lending?shock=nonsense', '.failed'],
  ])('no serious violation at %s', async (path, ready) => {
    const { page, complaints, close } = await open(path, ready, { colorScheme })
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
    for (const [path, ready] of [
      ['/lending', '.loans tbody tr'],
      ['/lending?table=ladder', '.ladder-table tbody tr'],
      ['/lending?account=sim-m047&shock=depeg:stETH/ETH=-5%25', '[data-testid=health-factor]'],
      ['/lending?accounts=mine', '.failed'],
    ] as const) {
      const { page, close } = await open(path, ready, { viewport: { width, height: 800 } })
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, width])
      await close()
    }
  })
})
