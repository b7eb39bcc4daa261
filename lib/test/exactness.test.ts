/** One word for how a mechanism was proven: the arena claims no more than the list of protocols. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { LENDING_PROTOCOLS } from '../analytics/index.ts'
import { ROOM_KINDS } from '../sim/index.ts'

/** Rooms whose contracts’ recorded lives are replayed, without a card among the protocols. */
const RECORDED = ['bamm']
/** Rooms by the protocol whose rules they run. */
const RULES: Readonly<Record<string, string>> = {
  'aave-v3': 'aave-v3.6',
  fx: 'fx-v2',
  kamino: 'kamino',
  llamma: 'llamma',
  'maker-clip': 'maker-clip',
  'maker-flip': 'maker-flip',
  morpho: 'morpho-blue',
  'pre-liquidation': 'morpho-pre-liquidation',
  'stability-pool': 'liquity-v2',
}
/** Perps are held to published formulas, BOB has no contract, f(x) v1 is held to recorded cases. */
const NO_PROTOCOL = ['bob', 'fx-v1', 'perp-binance', 'perp-dydx', 'perp-hyperliquid']

it('a room is called bytecode where its protocol was compared with bytecode or recorded calls, and nowhere else', () => {
  expect([...Object.keys(RULES), ...RECORDED, ...NO_PROTOCOL].sort()).toEqual([...ROOM_KINDS.keys()].sort())
  for (const [id, { exactness }] of ROOM_KINDS) {
    const proof = LENDING_PROTOCOLS.find((one) => one.id === RULES[id])?.proof
    const lives = RECORDED.includes(id) && existsSync(resolve(import.meta.dirname, `recorded/${id}.json`))
    const proven = proof === 'bytecode' || proof === 'recorded' || lives
    expect([id, exactness === 'bytecode']).toEqual([id, proven])
  }
})
