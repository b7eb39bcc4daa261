/**
 * Maker: a vault is closed when its auction begins (`Bite` of the Cat until 2021, `Bark` of the Dog since); `Take` buys from it.
 * `tab` and `due` are the vault's debt in rad (45 decimals), before the liquidation penalty. A lot is in wad (18 decimals)
 * whatever the token's own decimals are, so its leg has 18. `Take` says what REMAINS to sell and to raise, and what was paid.
 * https://github.com/makerdao/dss/blob/master/src/dog.sol, https://github.com/makerdao/dss/blob/master/src/clip.sol
 */
import { fixedToNumber, formatFixed, type Leg } from '../model/index.ts'
import { addressAt, bytes32At, textOfBytes32, uintAt } from './evm/abi.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { MAKER_CATS, MAKER_CLIPPERS } from './evm/money-markets.ts'
import type { Venue } from './venue.ts'

/** `Bite(bytes32 indexed ilk, address indexed urn, uint256 ink, uint256 art, uint256 tab, address flip, uint256 id)` */
const BITE = '0xa716da86bc1fb6d43d1493373f34d7a418b619681cd7b90f7ea667ba1489be28'
/** `Bark(bytes32 indexed ilk, address indexed urn, uint256 ink, uint256 art, uint256 due, address clip, uint256 indexed id)` */
const BARK = '0x85258d09e1e4ef299ff3fc11e74af99563f022d21f3f940db982229dc2a3358c'
/** `Take(uint256 indexed id, uint256 max, uint256 price, uint256 owe, uint256 tab, uint256 lot, address indexed usr)` */
const TAKE = '0x05e309fd6ce72f2ab888a20056bb4210df08daed86f21f95053deb19964d86b1'
const WAD = 18
const RAY = 27
const RAD = 45

/** Maker (multi-collateral Dai) on Ethereum. */
export const maker: Venue = logVenue({
  id: 'maker',
  name: 'Maker',
  kind: 'lending',
  page: 'https://github.com/makerdao/dss/blob/master/src/dog.sol',
  note: 'A vault counts once, when its auction begins, with its debt in DAI before the penalty; takes are not counted again. The account is the urn.',
  where: { ethereum: [...(MAKER_CATS.addresses.ethereum ?? []), ...(MAKER_CLIPPERS.addresses.ethereum ?? [])] },
  readers: { [BITE]: (log) => started(log, 3), [BARK]: (log) => started(log, 4), [TAKE]: taken },
})

/** `Bite` and `Bark` differ in one thing: the auction's number is plain in the one and indexed in the other. */
function started(log: CheckedLog, topics: 3 | 4): LogFact | string | undefined {
  if (MAKER_CATS.at(log.chain, log.address) === undefined) return undefined
  if (!hasShape(log, topics, 8 - topics)) return 'a Bite or Bark with missing fields'
  const ilk = textOfBytes32(bytes32At(log.indexed, 0) ?? '')
  const account = addressAt(log.indexed, 32)
  const lot = uintAt(log.data, 0)
  const due = uintAt(log.data, 64)
  const house = addressAt(log.data, 96)
  const id = topics === 4 ? uintAt(log.indexed, 64) : uintAt(log.data, 128)
  if (ilk === undefined) return 'a Bite or Bark whose ilk is no text'
  if (account === undefined || house === undefined || lot === undefined || due === undefined || id === undefined)
    return 'a Bite or Bark with broken fields'
  return {
    type: 'auction-started',
    protocol: 'maker',
    market: ilk,
    auction: auctionOf(house, id),
    account,
    lot: lotOf(ilk, lot),
    due: daiOf(due),
    usd: fixedToNumber(due, RAD),
    usdBasis: 'dollar-par',
    place: log.place,
  }
}

function taken(log: CheckedLog): LogFact | string | undefined {
  const clipper = MAKER_CLIPPERS.at(log.chain, log.address)
  if (clipper === undefined) return undefined
  if (!hasShape(log, 3, 5)) return 'a Take with other than two indexed and five plain fields'
  const id = uintAt(log.indexed, 0)
  const taker = addressAt(log.indexed, 32)
  const price = uintAt(log.data, 32)
  const owe = uintAt(log.data, 64)
  const tab = uintAt(log.data, 96)
  const lot = uintAt(log.data, 128)
  if (id === undefined || taker === undefined) return 'a Take without auction or taker'
  if (price === undefined || owe === undefined || tab === undefined || lot === undefined)
    return 'a Take without amounts'
  return {
    type: 'auction-taken',
    protocol: 'maker',
    market: clipper.name,
    auction: auctionOf(log.address, id),
    taker,
    paid: daiOf(owe),
    lotLeft: lotOf(clipper.name, lot),
    dueLeft: daiOf(tab),
    price: fixedToNumber(price, RAY),
    usd: fixedToNumber(owe, RAD),
    usdBasis: 'dollar-par',
    place: log.place,
  }
}

/** Numbers are given per auction house: `house:number`, the same in the event that starts an auction and those that take from it. */
function auctionOf(house: string, id: bigint): string {
  return `${house}:${id}`
}

function daiOf(rad: bigint): Leg {
  return { asset: 'DAI', amount: formatFixed(rad, RAD), atoms: rad, decimals: RAD }
}

/** The collateral of an ilk by its token: `ETH-A` is sold as WETH, `WSTETH-B` as wstETH. */
const COLLATERAL: Readonly<Record<string, string>> = { ETH: 'WETH', WSTETH: 'wstETH', RETH: 'rETH', PAXUSD: 'USDP' }

function lotOf(ilk: string, wad: bigint): Leg {
  const name = ilk.replace(/-[A-Z]+$/, '')
  return { asset: COLLATERAL[name] ?? name, amount: formatFixed(wad, WAD), atoms: wad, decimals: WAD }
}
