/** Replays the recorded calls of Maker's Dog and Clipper. */
import {
  type AuctionCurve,
  bark,
  type Clip,
  type Dog,
  type Ilk,
  type Pip,
  redo,
  type Sale,
  take,
  type Urn,
} from '../../mechanisms/maker/dog-clip.ts'
import { applied } from '../../mechanisms/solidity.ts'
import { field, type GoldenProtocol, integer, isObject, type Json, type JsonObject } from './replay.ts'

/** Maker Liquidations 2.0. */
export const makerClipReplay: GoldenProtocol = {
  id: 'maker-clip',
  matches: ({ protocol }) => protocol.startsWith('maker'),
  replay: (_file, input) => {
    let out: JsonObject = {}
    const done = applied(() => {
      out = ACTIONS[String(input['action'])]?.(input) ?? {}
      return { facts: [] }
    })
    return 'refused' in done ? { revert: done.refused.code } : out
  },
}

const ACTIONS: Readonly<Record<string, (input: JsonObject) => JsonObject>> = {
  bark: (input) => {
    const [ilk, urn, dog] = [numbers<Ilk>(input, 'ilk'), numbers<Urn>(input, 'urn'), numbers<Dog>(input, 'dog')]
    const { sale, ...moved } = bark(
      ilk,
      urn,
      dog,
      numbers<Clip>(input, 'clip'),
      pipOf(input),
      integer(input, 'timestamp'),
    )
    return {
      ...texts(moved),
      ...{ sale: texts(sale), urn: texts(urn), dog: texts(dog), Art: String(ilk.Art) },
      vowSinAdded: String(moved.due + moved.coin),
      keeperDaiAdded: String(moved.coin),
    }
  },
  redo: (input) => {
    const sale = saleOf(input)
    const { coin } = redo(numbers<Clip>(input, 'clip'), curveOf(input), sale, pipOf(input), integer(input, 'timestamp'))
    return { sale: texts(sale ?? {}), coin: String(coin), keeperDaiAdded: String(coin) }
  },
  take: (input) => {
    const [sale, dog] = [saleOf(input), numbers<Dog>(input, 'dog')]
    const call = numbers<{ amt: bigint; max: bigint }>(input, 'call')
    const taken = take(numbers<Clip>(input, 'clip'), curveOf(input), sale, dog, call, integer(input, 'timestamp'))
    const { closed, ...moved } = taken
    return {
      ...texts(moved),
      ...{ closed, vowDaiAdded: String(taken.owe), dog: texts(dog) },
      ...(closed ? {} : { sale: texts(sale ?? {}) }),
    }
  },
}

function numbers<T>(input: JsonObject, key: string): T {
  const object = field(input, key) as JsonObject
  return Object.fromEntries(Object.keys(object).map((name) => [name, integer(object, name)])) as T
}

function texts(values: object): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]))
}

function saleOf(input: JsonObject): Sale | undefined {
  const { exists, ...sale } = field(input, 'sale') as JsonObject
  return exists === true ? numbers<Sale>({ sale }, 'sale') : undefined
}

function pipOf(input: JsonObject): Pip {
  const pip = field(input, 'pip')
  return { value: integer(pip, 'value'), has: field(pip, 'has') === true, par: integer(input, 'par') }
}

function curveOf(input: JsonObject): AuctionCurve {
  const { type, ...rest } = field(input, 'calc') as Record<string, Json>
  if (!isObject(rest)) throw new Error('the case has no curve')
  return { ...numbers<object>({ rest }, 'rest'), type } as AuctionCurve
}
