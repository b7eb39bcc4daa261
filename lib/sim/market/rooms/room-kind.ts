/** A kind of room: one mechanism that takes coins against dollars, made from the same borrowers as every other kind. */
import { type Mechanism, type Oracle, type OracleFault, wasRefused } from '../../../mechanisms/index.ts'
import { breakwaterError, type FeedAnswer, type Moment, type UnixSeconds } from '../../../model/index.ts'
import { type RoomMaker, scaled } from '../room.ts'

export { scaled } from '../room.ts'

import type { Borrower } from './borrowers.ts'

/** What a room is made from. */
export type RoomSetup = {
  /** Name in the run; several rooms of one kind need several names. */
  readonly id: string
  /** Market symbol of the collateral; debt is in USD unless `debtSymbol` says a stablecoin with a market of its own. */
  readonly symbol: string
  readonly debtSymbol?: string | undefined
  readonly borrowers: readonly Borrower[]
  /** USD per coin when the loans are opened, and when that is. */
  readonly price: number
  readonly start: UnixSeconds
  /** The oracle of the collateral's feed. */
  readonly oracle: Oracle<unknown>
  readonly faults?: readonly OracleFault[] | undefined
  /** Parameters that differ from the kind's own. */
  readonly params?: Readonly<Record<string, number>> | undefined
}

/** A parameter of a kind: its value where none is given, bounds (included), and what it means, unit first. */
export type RoomParam = {
  readonly value: number
  readonly least: number
  readonly most: number
  readonly says: string
  /** Only whole numbers mean something. */
  readonly whole?: true | undefined
}

/** Two parameters that cannot stand together: the one to mend, what is wrong with it, and how. */
export type RoomClash = { readonly name: string; readonly message: string; readonly fix: string }

/** A kind of room. */
export type RoomKind = {
  readonly id: string
  readonly title: string
  /** Compared with compiled contracts or their recorded calls, held to the published formulas, or a model of a design without public contracts. */
  readonly exactness: 'bytecode' | 'formula' | 'model'
  readonly params: Readonly<Record<string, RoomParam>>
  /** What it looks at instead of the setup's oracle, of which only the faults reach it. */
  readonly looksAt?: string | undefined
  /** Pairs of which the first must stay below the second; `or`: may be equal to it. */
  readonly order?: readonly (readonly [low: string, high: string, or?: 'equal'])[] | undefined
  /** Debt per collateral at which a loan is due, so that none may be opened there. Nothing where loans are not opened one by one, or are cut. */
  readonly line?: ((params: Readonly<Record<string, number>>) => number) | undefined
  readonly make: (setup: RoomSetup) => RoomMaker
}

/** What is wrong with parameters: names, bounds, parts of what is whole, and pairs in the wrong order. */
export function clashesOf(
  kind: Pick<RoomKind, 'id' | 'params' | 'order'>,
  given: NonNullable<RoomSetup['params']>,
): readonly RoomClash[] {
  const all = Object.fromEntries(Object.entries(kind.params).map(([name, { value }]) => [name, given[name] ?? value]))
  const parts = Object.entries(given).flatMap(([name, value]) =>
    kind.params[name]?.whole && Number.isFinite(value) && !Number.isInteger(value)
      ? [{ name, message: `is ${value}, no whole number`, fix: `Write a whole number: ${kind.params[name]?.says}.` }]
      : [],
  )
  const pairs = (kind.order ?? []).flatMap(([low, high, or]) => {
    const [one, other] = [all[low] ?? 0, all[high] ?? 0]
    if (one < other || (or && one === other) || Number.isNaN(one) || Number.isNaN(other)) return []
    // The one that was chosen is the one to mend.
    const name = Object.hasOwn(given, low) || !Object.hasOwn(given, high) ? low : high
    const [way, rest] = name === low ? ['below', high] : ['above', low]
    const message = `is ${all[name]}, not ${way} ${rest} ${all[rest]}`
    return [
      { name, message, fix: `Write a number ${or ? `that is not ${name === low ? 'above' : 'below'}` : way} ${rest}.` },
    ]
  })
  return [...parts, ...pairs]
}

/** Parameters with the kind's own for those not given. Refuses (`bad-scenario`) unknown names, values out of bounds and contradictions, all at once. */
export function paramsOf(
  kind: Pick<RoomKind, 'id' | 'params' | 'order'>,
  given: RoomSetup['params'] = {},
): Readonly<Record<string, number>> {
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const known = kind.params[name]
    if (!known) return [`${kind.id} has no parameter '${name}' (it has ${Object.keys(kind.params).join(', ')})`]
    return value >= known.least && value <= known.most
      ? []
      : [
          `${name} of ${kind.id} is ${Number.isNaN(value) ? 'no number' : value}; it lies between ${known.least} and ${known.most}`,
        ]
  })
  wrong.push(...clashesOf(kind, given).map(({ name, message }) => `${name} of ${kind.id} ${message}`))
  if (wrong.length > 0) throw breakwaterError('bad-scenario', wrong.join('; '), { kind: kind.id })
  return Object.fromEntries(Object.entries(kind.params).map(([name, { value }]) => [name, given[name] ?? value]))
}

/** A fraction in wad. */
export function wad(value: number): bigint {
  return scaled(value, 18)
}

/** A moment at which every feed gives one answer. */
export function momentOf(time: UnixSeconds, answers: Readonly<Record<string, bigint>>): Moment {
  return { time, price: (feed) => answers[feed] as FeedAnswer | undefined }
}

/** Applies the actions that open a book. A refused one is a scenario that cannot be: it names the first five and how many there are. */
export function openBook<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  at: Moment,
  actions: readonly { readonly who: string; readonly action: A }[],
): void {
  const refused = actions.flatMap(({ who, action }) => {
    const done = mechanism.apply(state, action, at)
    return wasRefused(done) ? [`${who}: ${done.refused.message}`] : []
  })
  if (refused.length > 0)
    throw breakwaterError(
      'bad-scenario',
      `${mechanism.id} refuses ${refused.length} of the book's ${actions.length} openings: ${refused.slice(0, 5).join('; ')}`,
      { mechanism: mechanism.id, refused: refused.length },
      { fix: 'Lower the loan-to-value of the book, or raise the mechanism’s own limit.' },
    )
}
