import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { hyperliquid } from './hyperliquid.ts'
import { decodeFillsLine, type FillCounts, NO_FILLS, sumFills } from './hyperliquid-fills.ts'
import type { Decoded, SocketPlan } from './venue.ts'

const received = 1_700_000_000_500 as UnixMs
const decode = (frame: unknown) =>
  hyperliquid.decoder({ instruments: new Map() })({
    received,
    text: typeof frame === 'string' ? frame : JSON.stringify(frame),
  })
const victim = `0x${'a'.repeat(40)}`
const maker = `0x${'b'.repeat(40)}`
const vault = '0x2e3d94f0562703b25c83308a05046ddaf9a8dd14'
const liquidation = { liquidatedUser: victim, markPx: '99', method: 'market' }
const fill = (more: object) => ({
  coin: 'ETH',
  px: '100',
  sz: '2',
  side: 'A',
  time: 1_700_000_000_000,
  startPosition: '2.0',
  dir: 'Close Long',
  crossed: true,
  tid: 77,
  liquidation,
  ...more,
})
const own = fill({})
const other = fill({ side: 'B', startPosition: '-1.0', dir: 'Close Short', crossed: false })
const userFills = (user: string, ...fills: object[]) => ({ channel: 'userFills', data: { user, fills } })
const block = (...events: [string, object][]) => JSON.stringify({ block_number: 1, events })
const sum = ({ fills, ...parts }: FillCounts) => Object.values(parts).reduce((a, b) => a + b, 0) === fills

describe('hyperliquid', () => {
  it('gives the same liquidation whichever party’s fill is heard', () => {
    const [one] = decode(userFills(victim, own))
    expect(one).toEqual({
      type: 'perp-liquidation',
      instrument: 'ETH',
      coin: 'ETH',
      side: 'long',
      size: 2,
      price: 100,
      priceKind: 'fill',
      usd: 200,
      usdBasis: 'notional',
      account: victim,
      method: 'market',
      time: 1_700_000_000_000,
      key: '77',
    })
    expect(decode(userFills(maker, other))).toEqual([one])
    expect(decode({ channel: 'user', data: { fills: [{ ...other, user: maker }] } })).toEqual([one])
  })

  it('finds the party of a fill without an owner, and leaves the side unknown where nothing tells', () => {
    const side = (more: object) => {
      const [fact] = decode({ channel: 'user', data: { fills: [fill(more)] } })
      return fact?.type === 'perp-liquidation' ? fact.side : fact
    }
    expect(side({ crossed: true })).toBe('long')
    expect(side({ crossed: false })).toBe('short')
    expect(side({ startPosition: '-3', dir: 'Open Short' })).toBe('short')
    expect(side({ liquidation: { ...liquidation, method: 'backstop' } })).toBeUndefined()
  })

  it('tells the deleveraged from the liquidated, and does not count a liquidator vault’s position twice', () => {
    const adl = fill({ side: 'B', dir: 'Auto-Deleveraging', liquidation: { ...liquidation, method: 'backstop' } })
    expect(decode(userFills(maker, adl))).toEqual([
      expect.objectContaining({ type: 'auto-deleveraging', side: 'short', account: maker, key: '77|adl' }),
      expect.objectContaining({
        type: 'perp-liquidation',
        side: 'long',
        account: victim,
        method: 'backstop',
        key: '77',
      }),
    ])
    const unwound = { ...adl, liquidation: { ...liquidation, liquidatedUser: vault, method: 'backstop' } }
    expect(decode(userFills(maker, unwound)).map((fact) => fact.type)).toEqual(['auto-deleveraging'])
  })

  it('passes ordinary fills by and refuses absurd ones', () => {
    expect(decode(userFills(maker, fill({ liquidation: undefined })))).toEqual([])
    for (const wrong of [{ sz: '0' }, { px: '-1' }, { time: 3 }, { side: 'X' }, { tid: undefined }]) {
      expect(decode(userFills(victim, fill(wrong))).map((fact) => fact.type)).toEqual(['refused'])
    }
    expect(decode('{"channel"')[0]?.type).toBe('refused')
    expect(decode({ channel: 'pong' })).toEqual([])
  })

  it('reads every contract from one answer, delisted ones aside', () => {
    const context = { funding: '0.0000125', openInterest: '10', markPx: '100', oraclePx: '101' }
    const frame = [{ universe: [{ name: 'ETH' }, { name: 'OLD', isDelisted: true }] }, [context, context]]
    expect(decode(frame)).toEqual([
      expect.objectContaining({ type: 'mark', coin: 'ETH', price: 100, index: 101 }),
      expect.objectContaining({ type: 'funding', rate: 0.0000125, intervalHours: 1 }),
      expect.objectContaining({ type: 'open-interest', size: 10, usd: 1_000 }),
    ])
    expect(decode([{ universe: [{ name: 'ETH' }] }, []])[0]?.type).toBe('refused')
  })

  it('follows at most ten accounts, and nobody without any', () => {
    const symbols = Array.from({ length: 12 }, (_, index) => `0x${index.toString(16).padStart(40, '0')}`)
    const [socket] = hyperliquid.plan({ channels: ['liquidations'], symbols, instruments: new Map() }) as [SocketPlan]
    expect(socket.subscribe.length).toBe(10)
    expect(socket.control?.('{"channel":"pong"}')).toEqual({ kind: 'heartbeat' })
    expect(hyperliquid.plan({ channels: ['liquidations'], instruments: new Map() })).toEqual([])
  })
})

describe('decodeFillsLine', () => {
  it('counts each tid once and every fill somewhere', () => {
    const plain = { ...own, tid: 78, liquidation: undefined }
    const spot = { ...plain, tid: 79, coin: '@107', dir: 'Buy' }
    const settled = { ...plain, tid: 80, dir: 'Settlement' }
    const events: [string, object][] = [
      [maker, other],
      [victim, own],
      [victim, plain],
      [maker, { ...plain, side: 'B', crossed: false }],
      [maker, spot],
      [maker, settled],
      [maker, { tid: 'x' }],
    ]
    const { facts, counts } = decodeFillsLine(block(...events), { trades: true })
    expect(counts).toEqual({
      ...NO_FILLS,
      fills: 7,
      liquidations: 1,
      trades: 1,
      otherSide: 2,
      spot: 1,
      other: 1,
      refused: 1,
    })
    expect(facts.map((fact) => fact.type)).toEqual(['perp-liquidation', 'trade', 'refused'])
    expect(facts[1]).toMatchObject({ taker: 'sell', size: 2, usd: 200, key: '78|trade' })
    expect(decodeFillsLine(block(...events)).facts.map((fact) => fact.type)).toEqual(['perp-liquidation', 'refused'])
  })

  it('accounts for a deleveraging alike in either order', () => {
    const backstop = { ...liquidation, method: 'backstop' }
    const adl = fill({ side: 'B', dir: 'Auto-Deleveraging', liquidation: backstop })
    const closed = fill({ dir: 'Liquidated Cross Long', liquidation: backstop })
    const lines = [block([maker, adl], [victim, closed]), block([victim, closed], [maker, adl])]
    for (const { facts, counts } of lines.map((line) => decodeFillsLine(line))) {
      expect(counts).toEqual({ ...NO_FILLS, fills: 2, liquidations: 1, deleveragings: 1 })
      expect(facts.map((fact) => fact.type).sort()).toEqual(['auto-deleveraging', 'perp-liquidation'])
    }
    const byVault = { ...backstop, liquidatedUser: vault }
    const { counts, facts } = decodeFillsLine(
      block([vault, { ...closed, liquidation: byVault }], [maker, { ...adl, liquidation: byVault }]),
    )
    expect(counts).toEqual({ ...NO_FILLS, fills: 2, deleveragings: 1, unwound: 1 })
    expect(facts.map((fact) => fact.type)).toEqual(['auto-deleveraging'])
  })

  it('reads the older form of one fill a line and never throws', () => {
    expect(decodeFillsLine(JSON.stringify([victim, own])).facts).toHaveLength(1)
    for (const line of ['', '{', '7', '{"events":5}', '{"events":[5,[],[1,null]]}']) {
      const { facts, counts } = decodeFillsLine(line)
      expect(facts.every((fact) => fact.type === 'refused')).toBe(true)
      expect(facts.length).toBeGreaterThan(0)
      expect(sum(counts)).toBe(true)
    }
  })
})

const FILE = resolve('../shared/data/hl-node-fills-2025-10-27/node_fills_by_block_1000blocks.jsonl.gz')

describe.skipIf(!existsSync(FILE))('two minutes of the node’s fills', () => {
  it('explains all 7,282 fills: 3,641 trades with two sides each, one of them a liquidation', () => {
    const lines = gunzipSync(readFileSync(FILE)).toString('utf8').trimEnd().split('\n')
    const read = lines.map((line) => decodeFillsLine(line, { trades: true }))
    const counts = read.map((line) => line.counts).reduce(sumFills, NO_FILLS)
    expect(counts).toEqual({
      ...NO_FILLS,
      fills: 7_282,
      liquidations: 1,
      trades: 3_382,
      spot: 258,
      otherSide: 3_641,
    })
    const facts = read.flatMap((line) => line.facts)
    expect(facts.filter((fact) => fact.type === 'trade')).toHaveLength(3_382)
    expect(new Set(facts.map((fact) => (fact as Decoded).key)).size).toBe(facts.length)
    expect(facts.filter((fact) => fact.type === 'perp-liquidation')).toEqual([
      expect.objectContaining({
        instrument: 'WLFI',
        side: 'short',
        size: 890,
        price: 0.15327,
        account: '0xa59f55114ccb120487c4fb5766cb89b123c13563',
        method: 'market',
        key: '87867877881544',
        time: 1_761_584_402_387,
      }),
    ])
  })
})
