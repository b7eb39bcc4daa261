import { describe, expect, it } from 'vitest'
import { isBreakwaterError } from '../model/index.ts'
import { arena, arenaBook, arenaOf, arenaRows } from './arena.ts'
import { crashOf, crashOfTable } from './arena-crash.ts'
import { ARENA_DEFAULTS, type ArenaWords, arenaQuestion } from './arena-question.ts'
import type { ArenaRow } from './arena-row.ts'
import { ROOM_KINDS } from './market/room-kinds.ts'
import { bammBook, bammMostDebt, bammRent } from './market/rooms/bamm.ts'

const SMALL = { accounts: '30', crash: 'v:-35%:3h' } as const
const run = (words: ArenaWords) => arena(arenaQuestion({ ...SMALL, ...words }))
const row = (words: ArenaWords, id: string): ArenaRow => {
  const found = run({ mechanisms: id, ...words }).rows[0]
  if (!found) throw new Error(`no row ${id}`)
  return found
}

describe('the arena', () => {
  const every = run({ mechanisms: [...ROOM_KINDS.keys()].join(',') })

  it('adds up to nothing in every column: what one party lost another has', () => {
    expect(every.rows.map(({ mechanism }) => mechanism)).toEqual([...ROOM_KINDS.keys()])
    for (const { id, sum, finished, taken } of every.rows) {
      expect(Math.abs(sum), id).toBeLessThan(1e-8 * 100e6)
      expect(finished, id).toBe(true)
      expect(Number.isFinite(taken), id).toBe(true)
    }
  })

  it('tells what those who pay lost as what somebody got of them, or what prices alone put on the lenders', () => {
    for (const one of every.rows) {
      const got = one.liquidators + one.builders + one.gas + one.slippage - one.waited
      expect(one.socialCost - got - one.uncovered - one.impermanent, one.id).toBeCloseTo(0, 0)
      expect(one.taken + one.lendersCost + one.protocolCost, one.id).toBeCloseTo(one.socialCost, 3)
    }
  })

  it('gives the same result for the same seed, and another for another', () => {
    const words = { mechanisms: 'morpho,maker-flip,perp-binance', accounts: '12' }
    const once = run(words)
    expect(run(words)).toEqual(once)
    const other = run({ ...words, seed: '8' })
    for (const [at, { taken }] of once.rows.entries()) expect(other.rows[at]?.taken).not.toBe(taken)
  })

  it('puts the same debt in every column, and opens it at the same loan-to-values but for the BAMM', () => {
    for (const { id, series } of every.rows) {
      const first = series.ltv[0] ?? 0
      if (id !== 'bamm') expect(first, id).toBeCloseTo(every.rows[0]?.series.ltv[0] ?? 0, 3)
      expect(series.price, id).toHaveLength(361)
    }
    const question = arenaQuestion(SMALL)
    expect(arenaBook(question).reduce((sum, { debt }) => sum + debt, 0)).toBeCloseTo(100e6, 3)
  })

  it('tells bad debt of rented liquidity in dollars, and no more than there was to owe', () => {
    const words = { accounts: '5', crash: 'fall:-50%:30d', failure: 'liquidators=28d@1h' }
    const { badDebt } = row(words, 'bamm:ltv=0.979:utilisation=0.949')
    // Loans of weeks without liquidators: interest has eaten what was left, on a book of $100M whose rent is several times that.
    expect(badDebt).toBeGreaterThan(1e6)
    expect(badDebt).toBeLessThan(1e10)
  })

  it('marks the parameters that nobody chose', () => {
    const found = row({}, 'llamma:bands=5')
    expect(found.params.find(({ name }) => name === 'bands')).toMatchObject({ value: 5, default: false })
    expect(found.params.find(({ name }) => name === 'fee')).toMatchObject({ value: 0.006, default: true })
  })

  it('says what it found with its conditions, and names who is behind whom', () => {
    expect(every.verdict).toMatch(/^In this crash, where the outside price falls by 35 % within 3 h/)
    expect(every.verdict).toMatch(
      /seed 7: borrowers, lenders and the protocol together lost least in .*; acting took least from borrowers in /,
    )
    for (const { id, behind } of every.pareto) {
      const own = every.rows.find((one) => one.id === id) as ArenaRow
      for (const name of behind) {
        const ahead = every.rows.find((one) => one.id === name) as ArenaRow
        expect(ahead.takenShare).toBeLessThanOrEqual(own.takenShare + 1e-6)
        expect(ahead.lendersCostShare).toBeLessThanOrEqual(own.lendersCostShare + 1e-6)
        expect(ahead.protocolCostShare).toBeLessThanOrEqual(own.protocolCostShare + 1e-6)
        expect(ahead.socialCostShare).toBeLessThan(own.socialCostShare)
      }
    }
    // The sentence names the points that the plot fills.
    const ahead = every.pareto.filter(({ behind }) => behind.length === 0).map(({ id }) => id)
    expect(ahead.length).toBeGreaterThan(1)
    expect(every.verdict).toContain(`no other column is ahead of ${ahead.slice(0, -1).join(', ')} or ${ahead.at(-1)}.`)
  })

  it('does not let a BAMM look best while its lenders pay: arbitrage on the way, and what fell at the end', () => {
    const of = (crash: string) => run({ mechanisms: 'bamm,llamma,morpho', crash })
    const lender = (found: ReturnType<typeof of>) => found.rows[0] as ArenaRow
    const [back, gone] = [of('v:-35%:6h'), of('fall:-50%:3h')]
    // The price came back: what arbitrage took stays, the rest was not lost.
    expect(lender(back)).toMatchObject({ impermanent: 0, badDebt: 0 })
    expect(lender(back).lendersCostShare).toBeGreaterThan(0.005)
    // It did not: lenders have less than they lent, and that is the most anybody paid.
    expect(lender(gone).lendersCost).toBeCloseTo(-lender(gone).lenders, 0)
    expect(lender(gone).impermanent).toBeGreaterThan(0.9 * lender(gone).lendersCost)
    expect(Math.max(...gone.rows.map(({ socialCost }) => socialCost))).toBe(lender(gone).socialCost)
    expect(gone.verdict).toMatch(/together lost least in llamma .* and most in bamm \(/)
    expect(gone.verdict).toMatch(/lenders lost most with bamm \(.*of it because lent liquidity buys what falls\)/)
    for (const { behind } of [...back.pareto, ...gone.pareto]) expect(behind).not.toContain('bamm')
  })

  it('puts fees, penalties, deficits and funds on the protocol, and the rest on whoever lends', () => {
    const gap = run({ mechanisms: 'aave-v3,morpho,maker-clip,perp-binance', crash: 'step:-50%:3h' })
    const [aave, morpho, clip, perp] = gap.rows as readonly [ArenaRow, ArenaRow, ArenaRow, ArenaRow]
    // Deficits of Aave v3.3 and later stand on the reserve; Morpho's suppliers bear theirs at once; DAI is owed at its face.
    expect(aave.protocolCost).toBeGreaterThan(0.9 * aave.badDebt)
    expect(Math.abs(aave.lendersCost)).toBeLessThan(1)
    expect(morpho.lendersCost).toBeCloseTo(morpho.badDebt, -1)
    expect(morpho.protocolCost).toBe(0)
    expect(clip.protocolCost).toBeGreaterThan(1e6)
    expect(Math.abs(clip.lendersCost)).toBeLessThan(1)
    // The fund pays first, the winners what it has not.
    expect(perp.protocolCost).toBeGreaterThan(0)
    expect(perp.lendersCost).toBeGreaterThan(perp.protocolCost)
    expect(run({ mechanisms: 'aave-v3', crash: 'v:-35%:6h' }).rows[0]?.protocolCost).toBeLessThan(0)
  })

  it('explains a share below 0, and names the lenders’ loss that no bad debt tells', () => {
    const { rows, verdict } = run({ mechanisms: 'bamm,morpho', crash: 'step:-30%:3h' })
    const [rented, lent] = rows as readonly [ArenaRow, ArenaRow]
    expect(rented.takenShare).toBeLessThan(0)
    expect(rented.badDebt).toBe(0)
    expect(rented.lenders).toBeLessThan(Math.min(0, lent.lenders))
    expect(verdict).toMatch(/lenders lost most with bamm \(\$[\d.]+ M, [\d.]+ % of the debt\);/)
    expect(verdict).toMatch(/Less than 0 was taken in bamm: acting shrank what borrowers owe \(in a BAMM/)
    const plain = run({ mechanisms: 'morpho', crash: 'step:-12%:3h' })
    expect(plain.rows[0]?.takenShare).toBeGreaterThan(0)
    expect(plain.verdict).not.toMatch(/Less than 0|lenders lost/)
  })

  it('ends early when asked to, and compares nothing then', () => {
    const ended = arena(
      arenaQuestion({ ...SMALL, mechanisms: 'morpho,aave-v3' }),
      (column, step) => column < 1 || step < 5,
    )
    expect(ended.rows.map(({ finished }) => finished)).toEqual([true, false])
    expect(ended.verdict).toMatch(/1 of 2 columns were finished; nothing is compared/)
    expect(ended.finished).toBe(false)
  })

  it('stopped between two columns does not pass for the whole', () => {
    const question = arenaQuestion({ ...SMALL, mechanisms: 'morpho,aave-v3' })
    const [first] = arenaRows(question)
    const some = arenaOf(question, first ? [first] : [])
    expect(some).toMatchObject({ simulated: true, finished: false })
    expect(some.verdict).toMatch(/1 of 2 columns were finished; nothing is compared/)
    expect(arena(question).finished).toBe(true)
  })

  it('names a parameter that is no number as such', () => {
    expect(() => arenaQuestion({ ...SMALL, mechanisms: 'llamma:bands=many' })).toThrow(
      'bands of llamma is no number; it lies between 4 and 50',
    )
  })
})

/** Orderings of the reference, C.11, and what each mechanism fails at. */
describe('orderings', () => {
  const clip = (words: ArenaWords = {}) => row(words, 'maker-clip')
  const flip = (words: ArenaWords = {}) => row(words, 'maker-flip')

  it('congestion hurts the English auction most', () => {
    const ids = ['aave-v3', 'maker-clip', 'maker-flip', 'stability-pool', 'llamma']
    const added = (id: string) => row({ failure: 'congestion=500' }, id).badDebt - row({}, id).badDebt
    const all = ids.map((id) => [id, added(id)] as const)
    for (const [id, more] of all) if (id !== 'maker-flip') expect(more, id).toBeLessThan(1e6)
    expect(all.find(([id]) => id === 'maker-flip')?.[1]).toBeGreaterThan(10e6)
  })

  it('with two buyers or more the Dutch auction costs borrowers less than the English one, where the price does not come back', () => {
    const falling = { accounts: '200', crash: 'fall:-40%:12h' }
    const english = flip(falling)
    for (const liquidators of ['2', '4']) expect(clip({ ...falling, liquidators }).taken).toBeLessThan(english.taken)
  })

  it('where the price comes back both take as much from borrowers: English bidders get more of it, and the protocol pays for them', () => {
    const back = { accounts: '200', crash: 'v:-35%:6h' }
    const [dutch, english] = [clip(back), flip(back)]
    const given = ({ liquidators, builders }: ArenaRow) => liquidators + builders
    expect(given(dutch)).toBeLessThan(given(english))
    expect(dutch.badDebt).toBeLessThan(english.badDebt)
    expect(dutch.taken / english.taken).toBeCloseTo(1, 1)
    // The penalty of 13 % is collected in one and lost with the debt in the other.
    expect(dutch.protocolCost).toBeLessThan(0)
    expect(english.protocolCost).toBeGreaterThan(0)
  })

  it('a pool that absorbs has no latency, auctions have', () => {
    expect(row({}, 'stability-pool').secondsToSafe).toBe(0)
    expect(clip().secondsToSafe).toBeGreaterThan(0)
    expect(flip().secondsToSafe).toBeGreaterThan(0)

    expect(row({}, 'llamma').secondsToSafe).toBeGreaterThan(0)
    expect(row({}, 'bamm')).toMatchObject({ breached: 0, secondsToSafe: undefined, dueAtEnd: 0 })
    expect(row({ failure: 'rpc=3h@0s' }, 'fx').secondsToSafe).toBeGreaterThan(row({}, 'fx').secondsToSafe ?? 0)
  })

  it('absent liquidators leave bad debt to a hard close; cut-off arbitrageurs take LLAMMA’s protection away', () => {
    const hard = (failure: string) => row({ failure, crash: 'fall:-50%:3h' }, 'aave-v3')
    expect(hard('liquidators=90m').badDebt).toBeGreaterThan(hard('').badDebt + 1e6)
    const soft = (failure: string) => row({ failure, accounts: '60', crash: 'v:-35%:6h' }, 'llamma')
    expect(soft('').liquidations).toBe(0)
    expect(soft('rpc=2h').liquidations).toBeGreaterThan(10)
    expect(soft('liquidators=2h').taken).toBe(soft('').taken)
  })

  it('a late oracle sells later, an oracle that is down not at all', () => {
    expect(row({ failure: 'down=3h@0s' }, 'morpho').liquidations).toBe(0)
    expect(row({ failure: 'late=40m@0s' }, 'morpho').low).not.toBe(row({}, 'morpho').low)
  })

  it('a perp venue sells in parts, and its fund and winners pay what a gap leaves', () => {
    const gap = (id: string) => row({ crash: 'step:-50%:3h' }, id)
    for (const id of ['perp-hyperliquid', 'perp-binance', 'perp-dydx']) {
      expect(gap(id).liquidations, id).toBeGreaterThan(5)
      expect(gap(id).lenders, id).toBeLessThan(0)
    }
  })
})

describe('a BAMM’s book', () => {
  it('rents so that the loan-to-value is the one wanted', () => {
    for (const ltv of [0.5, 0.9, 0.95])
      for (const part of [0.2, 0.9]) {
        const [coins, price] = [10, 2_000]
        const debt = part * bammMostDebt(ltv) * coins * price
        const x = bammRent({ coins, debt }, price, ltv) ?? 0
        expect((x * Math.sqrt(price)) / Math.sqrt((coins + x) * (x * price - debt))).toBeCloseTo(ltv, 9)
      }
    expect(bammRent({ coins: 10, debt: 1.001 * bammMostDebt(0.9) * 20_000 }, 2_000, 0.9)).toBeUndefined()
  })

  it('cuts loans to what the loan-to-value allows and keeps the debt', () => {
    const book = [
      { id: 'a', coins: 10, debt: 15_000 },
      { id: 'b', coins: 10, debt: 1_000 },
    ]
    const cut = bammBook(book, 2_000, 0.95)
    expect(cut.reduce((sum, { debt }) => sum + debt, 0)).toBeCloseTo(16_000, 6)
    expect((cut[0]?.debt ?? 0) / ((cut[0]?.coins ?? 1) * 2_000)).toBeCloseTo(bammMostDebt(0.95), 5)
    expect((cut[1]?.debt ?? 0) / ((cut[1]?.coins ?? 1) * 2_000)).toBeCloseTo(0.05, 9)
  })
})

describe('an arena’s words', () => {
  it('say every complaint at once', () => {
    try {
      arenaQuestion({
        crash: 'v:-130%:6h',
        mechanisms: 'aave-v4,llamma:bands=2',
        accounts: '0',
        ltv: '90',
        failure: 'luck=1',
      })
      expect.unreachable()
    } catch (error) {
      if (!isBreakwaterError(error)) throw error
      expect(error.code).toBe('bad-scenario')
      for (const word of [
        /the crash 'v:-130%:6h'/,
        /no mechanism 'aave-v4'/,
        /bands of llamma is 2/,
        /accounts is '0'/,
        /ltv is '90'/,
        /failure 'luck=1'/,
      ])
        expect(error.message).toMatch(word)
    }
  })

  it('leave out what is the default, and name columns twice asked for apart', () => {
    expect(arenaQuestion({ ...ARENA_DEFAULTS, seed: '9' }).words).toEqual({ seed: '9' })
    expect(arenaQuestion({ mechanisms: 'bob,bob' }).columns.map(({ id }) => id)).toEqual(['bob', 'bob#2'])
  })

  it('make paths of shapes and of tables', () => {
    const { prices, seconds } = crashOf('slide:-30%:12h', 1_000)
    expect([prices[0], Math.min(...prices), prices.at(-1), seconds]).toEqual([1_000, 700, 850, 120])
    const table = crashOfTable('x.csv', 'time,close\n1700000000,100\n1700000600,90\n1700001200,95\n')
    expect(table.seconds).toBe(60)
    expect([table.prices[0], table.prices[5], table.prices[10], table.prices.at(-1)]).toEqual([100, 95, 90, 95])
    const candles = 'datetime,open,high,low,close\n2021-05-19 12:00:00,100,110,80,90\n2021-05-19 13:00:00,90,95,85,94\n'
    const cut = crashOfTable('x.csv', candles, { from: '2021-05-19T12:15:00Z' })
    expect([cut.prices[0], Math.min(...cut.prices), cut.prices.at(-1)]).toEqual([110, 80, 94])
    expect(() => crashOfTable('x.csv', candles, { to: 'noon' })).toThrow(/'noon' is no time/)
    expect(() => crashOfTable('x.csv', '1700000000,100\n1700000600,-1\n')).toThrow(/line 2/)
    expect(() => crashOfTable('x.csv', 'when,what\n1,2\n')).toThrow(/no column time/)
    // Times are UTC, never the host's: what only a host's clock could place is no time.
    const at = (time: string) => crashOfTable('x.csv', `time,price\n${time},100\n2021-05-19 14:00,90\n`).prices.length
    const hours = (seconds: number) => seconds / 60 + 1
    expect(at('2021-05-19 12:00')).toBe(hours(7_200))
    expect(at('2021-05-19T12:00:00+01:00')).toBe(hours(10_800))
    expect(at('2021-05-19 12:00:00 UTC')).toBe(hours(7_200))
    expect(at('2021-05-19')).toBe(hours(14 * 3_600))
    for (const words of ['05/19/2021 12:00', 'May 19 2021', '2021-05-19 6:00', '2021-5-19'])
      expect(() => at(words)).toThrow(/line 2/)
    // A line out of its order would be read as another path.
    expect(() => crashOfTable('x.csv', 'time,price\n0,100\n600,80\n300,90\n900,70\n')).toThrow(/line 4: .* earlier/)
  })
})
