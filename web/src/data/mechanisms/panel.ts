/** What a mechanism's tab is made of: words, fields, and figures that its rules give; charts are data, so that each has its table twin. */
import type { MechanismField, MechanismInput } from '../../state/mechanisms.ts'

/** How near to the protocol the numbers are: the same as its compiled code, its formulas in its order, or a model of a described design. */
export type Exactness = 'bytecode' | 'formula' | 'model'

/** A formula in words with where it stands. */
export type Formula = { readonly says: string; readonly source: string; readonly url: string }

/** A tab. `slider` is the field that the big slider moves. */
export type MechanismPanel = {
  readonly title: string
  readonly summary: string
  readonly exact: { readonly kind: Exactness; readonly says: string }
  readonly formulas: readonly Formula[]
  readonly fields: readonly MechanismField[]
  readonly slider: string
  readonly figures: (input: MechanismInput) => Figures | Refusal
}

/** What the rules refuse, at the field that asks for it. */
export type Refusal = { readonly refused: string; readonly field: string }

/** How a state is painted: nothing happens, being converted or repaid in part, seized by force, lost to the system. */
export type StateKind = 'calm' | 'soft' | 'hard' | 'lost'
/** A condition that is met or not, told in words. */
export type Condition = { readonly name: string; readonly holds: boolean; readonly says: string }
/** A figure. `id` finds it in tests and for readers of the page's code. */
export type FigureOf = {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly note?: string | undefined
  readonly big?: boolean | undefined
}

/** Everything that a tab shows. */
export type Figures = {
  readonly state: { readonly name: string; readonly kind: StateKind; readonly says: string }
  readonly conditions: readonly Condition[]
  readonly facts: readonly FigureOf[]
  readonly charts: readonly Chart[]
  /** Code that gives the main figure again, out of the published library. */
  readonly code: string
  readonly notes: readonly string[]
}

/** An axis: its name with the unit, its ends, and how it writes a value. */
export type Axis = {
  readonly label: string
  readonly from: number
  readonly to: number
  readonly say: (value: number) => string
  /** Seconds in one of the axis, where it is a time: its marks then stand at whole minutes, hours or days. */
  readonly seconds?: number | undefined
  /** Its marks, where they are none of even steps. */
  readonly ticks?: readonly Tick[] | undefined
}
/** A mark of an axis. */
export type Tick = { readonly at: number; readonly label: string }

/** A look of a line, bar or mark. The order of meaning: what it is made of, not which one is nicer. */
export type Look = 'main' | 'second' | 'third' | 'sold' | 'held' | 'kept' | 'edge' | 'lost' | 'warn'

/** Lines over an axis. `cuts`: straight lines at a value of x or y. `now`: where the slider stands. */
export type LinesChart = {
  readonly kind: 'lines'
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly {
    readonly name: string
    readonly look: Look
    readonly step?: boolean | undefined
    readonly points: readonly (readonly [x: number, y: number])[]
    /** How its own values are written, where the axis is another's. */
    readonly say?: ((value: number) => string) | undefined
  }[]
  readonly cuts?: readonly {
    readonly name: string
    readonly look: Look
    readonly x?: number
    readonly y?: number
  }[]
  readonly now?: number | undefined
  /** Rows of the table twin, as x; the points of the first line where left out. */
  readonly rows?: readonly number[] | undefined
}

/** Bars of parts: one row a thing. With `from` the axis does not begin at 0, and a row is a dot on it instead of a bar. */
export type BarsChart = {
  readonly kind: 'bars'
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly say: (value: number) => string
  /** Length of the axis; the longest row where left out. */
  readonly whole?: number | undefined
  readonly from?: number | undefined
  /** Marks of the axis, named below the rows. */
  readonly ticks?: readonly Tick[] | undefined
  readonly cuts?: readonly { readonly name: string; readonly at: number; readonly look: Look }[] | undefined
  readonly rows: readonly {
    readonly name: string
    readonly note?: string | undefined
    readonly parts: readonly { readonly name: string; readonly look: Look; readonly value: number }[]
  }[]
}

/** A band of LLAMMA: oracle prices at its edges, what is in it, in stablecoins at its own middle price. */
export type Band = {
  readonly n: number
  readonly up: number
  readonly down: number
  readonly stable: number
  readonly coins: number
}

/** Bands and a path on one price axis. */
export type BandsChart = {
  readonly kind: 'bands'
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly say: (price: number) => string
  readonly bands: readonly Band[]
  readonly path: readonly {
    readonly price: number
    /** How far the price has gone, up or down, as a sum of logarithms. */
    readonly along: number
    readonly amm: number | undefined
    readonly health: number
    readonly coins: number
  }[]
  readonly low: number
  readonly high: number
  readonly oracle: number
  readonly amm: number | undefined
  readonly range: readonly [top: number, bottom: number]
  /** The highest price of the way down at which health is below 0. */
  readonly hard: number | undefined
  /** Names the field that a drag on the chart moves. */
  readonly drags: string
}

/** A chart. */
export type Chart = LinesChart | BarsChart | BandsChart

/** `count` + 1 even steps between two. */
export function steps(from: number, to: number, count: number): readonly number[] {
  return Array.from({ length: count + 1 }, (_, at) => from + ((to - from) * at) / count)
}
