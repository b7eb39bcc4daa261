/** A million random orders through crashes in both directions: not an atom appears or is lost. */
import { describe, expect, it } from 'vitest'
import { sessionOn } from './exchange/session-fixture.ts'

const MESSAGES = 1_000_000
const SEED = 'a million orders'

describe('a million random orders', () => {
  it.each([
    ['binance-usdm', ['BTCUSDT', 'SOLUSDT'], true],
    ['hyperliquid', ['BTC', 'ETH'], false],
    ['bitmex', ['XBTUSD'], false],
  ] as const)('conserve every atom on %s', (id, symbols, hedge) => {
    process.stdout.write(`seed '${SEED} ${id}', ${MESSAGES} messages\n`)
    const { exchange, session } = sessionOn(id, symbols, { seed: `${SEED} ${id}`, hedge })
    const sides = new Set<string>()
    for (let sent = 0; sent < MESSAGES; sent += 10_000) {
      session.run(10_000)
      exchange.audit()
      for (const { fact } of exchange.facts()) if (fact.type === 'perp-liquidation') sides.add(fact.side ?? '')
      exchange.clearEvents()
    }
    expect(session.counts.sent).toBe(MESSAGES)
    expect([...sides].sort()).toEqual(['long', 'short'])
  })
})
