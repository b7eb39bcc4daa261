/** One word for how a mechanism was proven: the arena claims no more than the list of protocols. */
import { expect, it } from 'vitest'
import { LENDING_PROTOCOLS } from '../analytics/index.ts'
import { ROOM_KINDS } from '../sim/index.ts'

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
/** BAMM’s contract was not run, perps are held to published formulas, BOB has no contract, f(x) v1 is held to recorded cases. */
const NO_PROTOCOL = ['bamm', 'bob', 'fx-v1', 'perp-binance', 'perp-dydx', 'perp-hyperliquid']

it('a room is called bytecode where its protocol was compared with bytecode or recorded calls, and nowhere else', () => {
  expect([...Object.keys(RULES), ...NO_PROTOCOL].sort()).toEqual([...ROOM_KINDS.keys()].sort())
  for (const [id, { exactness }] of ROOM_KINDS) {
    const proof = LENDING_PROTOCOLS.find((one) => one.id === RULES[id])?.proof
    const proven = proof === 'bytecode' || proof === 'recorded'
    expect([id, exactness === 'bytecode']).toEqual([id, proven])
  }
})
