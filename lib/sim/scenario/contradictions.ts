/** What a scenario's parts say against each other, field by field in bounds as they may be: terms of lenders, lines, names, times beyond the end. */
import { ROOM_KINDS } from '../market/room-kinds.ts'
import { clashesOf, type RoomKind } from '../market/rooms/room-kind.ts'
import { isRecord } from './shape.ts'

type Say = (place: string, message: string, fix: string) => void
type Part = Readonly<Record<string, unknown>>

/** Names under which a market counts what is nobody's profit: tips, gas, and what depositors of a pool have. */
const TAKEN = ['builders', 'gas', 'pool', 'rebalance pool']

/** Says every contradiction of a scenario that is a record; what is broken by itself is left to others. */
export function contradictions(raw: Part, say: Say): void {
  const assets = isRecord(raw['assets']) ? raw['assets'] : {}
  for (const [name, asset] of Object.entries(assets)) if (isRecord(asset)) checkAsset(`assets.${name}`, asset, say)
  for (const [name, oracle] of Object.entries(isRecord(raw['oracles']) ? raw['oracles'] : {}))
    if (isRecord(oracle)) checkOracle(`oracles.${name}`, oracle, say)
  each(raw['rooms'], (room, at) => checkRoom(`rooms[${at}]`, room, assets, say))
  each(raw['liquidators'], (one, at) => checkLiquidator(`liquidators[${at}]`, one, raw['liquidators'], say))
  each(raw['traders'], (one, at) => checkTrader(`traders[${at}]`, one, assets, say))
  checkTimes(raw, assets, say)
}

function each(value: unknown, look: (part: Part, at: number) => void): void {
  if (Array.isArray(value)) for (const [at, one] of value.entries()) if (isRecord(one)) look(one, at)
}

const numeric = (value: unknown) => (typeof value === 'number' ? value : undefined)
const record = (value: unknown): Part => (isRecord(value) ? value : {})

function checkAsset(place: string, { beta, follows, stablecoin }: Part, say: Say): void {
  if (beta === undefined) return
  if (follows !== undefined)
    say(
      `${place}.beta`,
      `is ${String(beta)}, and the coin follows ${String(follows)}`,
      'Leave it out: its leader takes the news.',
    )
  else if (stablecoin !== undefined)
    say(`${place}.beta`, `is ${String(beta)}, and demand over supply is the price`, 'Leave it out.')
}

function checkOracle(place: string, { kind, stale, gap }: Part, say: Say): void {
  if (kind === 'bounded' && Number(stale) < Number(gap))
    say(
      `${place}.stale`,
      `is ${String(stale)}, below gap ${String(gap)}: it would be silent between its updates`,
      'Write the longer time.',
    )
}

function checkRoom(place: string, room: Part, assets: Part, say: Say): void {
  const kind = ROOM_KINDS.get(String(room['mechanism']))
  const coin = String(room['collateral']).split('@')[0] as string
  if (room['debt'] !== undefined && room['debt'] === coin)
    say(
      `${place}.debt`,
      `is ${JSON.stringify(coin)}, the collateral itself`,
      'Name another coin, or leave it out for dollars.',
    )
  if (!kind) return
  const given = numbersOf(room['params'])
  for (const { name, message, fix } of clashesOf(kind, given)) say(`${place}.params.${name}`, message, fix)
  checkBook(`${place}.book`, record(room['book']), lineOf(kind, given), startPrice(assets, coin), say)
}

const numbersOf = (params: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(record(params)).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  )

function lineOf(kind: RoomKind, given: Readonly<Record<string, number>>): number | undefined {
  const all = Object.fromEntries(Object.entries(kind.params).map(([name, { value }]) => [name, given[name] ?? value]))
  return kind.line?.(all)
}

/** A loan at its line or beyond cannot be opened. */
function checkBook(place: string, book: Part, line: number | undefined, price: number | undefined, say: Say): void {
  if (line === undefined) return
  const fix = `Lend less than ${digits(line)} of the collateral, or move the mechanism’s line.`
  if (book['kind'] === 'drawn' && Number(book['highLtv']) >= line)
    say(
      `${place}.highLtv`,
      `is ${String(book['highLtv'])}, at or beyond the line ${digits(line)} at which loans are due`,
      fix,
    )
  if (book['kind'] !== 'borrowers' || price === undefined) return
  each(book['borrowers'], ({ coins, debt }, at) => {
    const ltv = Number(debt) / (Number(coins) * price)
    if (ltv >= line)
      say(
        `${place}.borrowers[${at}].debt`,
        `is ${digits(ltv)} of the collateral at the start, at or beyond the line ${digits(line)}`,
        fix,
      )
  })
}

const digits = (value: number) => String(Number(value.toPrecision(4)))

/** Dollars per coin at the start, where the file says so. */
function startPrice(assets: Part, name: string, deep = 0): number | undefined {
  const { price, path, follows } = record(assets[name])
  const { kind, prices, points } = record(path)
  const first = kind === 'list' && Array.isArray(prices) ? prices[0] : undefined
  const recorded = kind === 'recorded' && Array.isArray(points) && Array.isArray(points[0]) ? points[0][1] : undefined
  const own = numeric(first) ?? numeric(recorded) ?? numeric(price)
  if (follows === undefined || own === undefined || deep > 20) return follows === undefined ? own : undefined
  const leader = startPrice(assets, String(follows), deep + 1)
  return leader === undefined ? undefined : own * leader
}

function checkLiquidator(place: string, one: Part, all: unknown, say: Say): void {
  const { name, count, capital, flashFee } = one
  if (TAKEN.includes(String(name)))
    say(
      `${place}.name`,
      `is ${JSON.stringify(name)}, under which a market counts something else`,
      'Give another name: its money would be counted as theirs.',
    )
  if (flashFee === undefined && !(Number(capital) > 0))
    say(
      `${place}.capital`,
      'is nothing, and no flashFee is given: it can pay for no liquidation',
      'Give it capital or a flashFee.',
    )
  if (typeof name !== 'string' || !(Number(count) > 1) || !Array.isArray(all)) return
  each(all, (other, at) => {
    const number = other === one ? undefined : /^(.*)-(\d+)$/.exec(String(other['name']))
    if (number?.[1] === name && Number(number[2]) <= Number(count))
      say(`liquidators[${at}].name`, `is one of the ${String(count)} of ${name}`, 'Give every one a name of its own.')
  })
}

function checkTrader(place: string, trader: Part, assets: Part, say: Say): void {
  if (trader['kind'] === 'funding-drain')
    each(trader['positions'], ({ leverage }, at) => {
      if (Number(leverage) * Number(trader['maintenance']) >= 1)
        say(
          `${place}.positions[${at}].leverage`,
          `is ${String(leverage)}: its margin is no more than maintenance ${String(trader['maintenance'])}`,
          'Write less leverage or a lower maintenance.',
        )
    })
  if (trader['kind'] === 'margin-lenders') checkLenders(place, trader, assets, say)
}

/** A cure that does not bring a loan below the call would be called again at once; a loan beyond its line would be sold at the first look. */
function checkLenders(place: string, { lenders, loans, market }: Part, assets: Part, say: Say): void {
  const lines = new Map<unknown, unknown>()
  each(lenders, ({ id, callLtv, liquidationLtv, cureLtv }, at) => {
    lines.set(id, liquidationLtv)
    const own = `${place}.lenders[${at}]`
    if (Number(cureLtv) >= Number(callLtv))
      say(
        `${own}.cureLtv`,
        `is ${String(cureLtv)}, not below callLtv ${String(callLtv)}`,
        'Write what a top-up brings the loan down to.',
      )
  })
  const { kind, ltv, loans: list } = record(loans)
  const lowest = Math.min(...[...lines.values()].map(Number).filter(Number.isFinite))
  if (kind === 'drawn' && Number(ltv) >= lowest)
    say(
      `${place}.loans.ltv`,
      `is ${String(ltv)}, at or beyond the liquidationLtv ${lowest} of a lender`,
      'Begin below it.',
    )
  if (kind !== 'list') return
  const price = startPrice(assets, String(market).split('@')[0] as string)
  const seen = new Set<unknown>()
  each(list, ({ id, lender, debt, coins }, at) => {
    const own = `${place}.loans.loans[${at}]`
    if (seen.has(id)) say(`${own}.id`, `is ${JSON.stringify(id)} again`, 'Give every one a name of its own.')
    seen.add(id)
    const part = price === undefined ? undefined : Number(debt) / (Number(coins) * price)
    if (part !== undefined && part >= Number(lines.get(lender)))
      say(
        `${own}.debt`,
        `is ${digits(part)} of its coins at the start, at or beyond liquidationLtv ${String(lines.get(lender))}`,
        'Begin below it.',
      )
  })
}

/** Nothing that is written comes after the end: it would never happen. */
function checkTimes({ steps, stepSeconds, news, liquidators, traders }: Part, assets: Part, say: Say): void {
  const end = (Number(steps) - 1) * Number(stepSeconds)
  if (!(end >= 0)) return
  const late = (place: string, time: unknown) => {
    if (typeof time === 'number' && time > end)
      say(
        place,
        `is ${time} s, after the last step at ${end} s: it would never happen`,
        'Write an earlier second, or more steps.',
      )
  }
  for (const [name, asset] of Object.entries(assets)) {
    const { kind, at, from } = record(record(asset)['path'])
    if (kind === 'shock') late(`assets.${name}.path.at`, at)
    if (kind === 'linear') late(`assets.${name}.path.from`, from)
  }
  each(news, (one, at) => late(`news[${at}].at`, one['at']))
  each(liquidators, (one, at) =>
    each(one['absent'], (gone, index) => late(`liquidators[${at}].absent[${index}].from`, gone['from'])),
  )
  each(traders, (one, at) => late(`traders[${at}].at`, one['at']))
}
