/**
 * A small language for the shape of data: what a value may be, in words and bounds, checked in pure code with every problem at its place, and told
 * as JSON Schema (draft 2020-12) to editors. One description, so that what is refused and what is documented cannot differ.
 */
import { nearest } from '../../model/index.ts'

/** Something wrong in a file: where (`rooms[2].params.lltv`), what, and how to mend it. */
export type ScenarioProblem = { readonly place: string; readonly message: string; readonly fix: string }

/** What a value may be. `says` is for people: meaning, with its unit first where it has one. `T` is the type of a value that passed. */
export type Shape<T = unknown> = (
  | {
      readonly kind: 'number'
      readonly least: number
      readonly most: number
      readonly open: boolean
      readonly whole: boolean
    }
  | { readonly kind: 'text'; readonly choices?: readonly string[] | undefined }
  | { readonly kind: 'flag' }
  | { readonly kind: 'list'; readonly of: Shape; readonly least: number; readonly most: number }
  | { readonly kind: 'pair'; readonly of: readonly [Shape, Shape] }
  | { readonly kind: 'names'; readonly of: Shape; readonly pattern: RegExp }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly kind: 'either'; readonly by: string; readonly of: Readonly<Record<string, Shape>> }
  | { readonly kind: 'any'; readonly of: readonly Shape[] }
  | { readonly kind: 'data' }
) & { readonly says: string; readonly optional?: true; readonly is?: T }

type Fields = Readonly<Record<string, Shape>>
type Needed<F extends Fields> = { [K in keyof F]: F[K] extends { optional: true } ? never : K }[keyof F]
type Simple<T> = { readonly [K in keyof T]: T[K] }
/** The type of a value of a shape. */
export type Of<S extends Shape> = S extends Shape<infer T> ? T : never
/** The type of an object by its fields: optional ones may be absent. */
export type OfFields<F extends Fields> = Simple<
  { readonly [K in Needed<F>]: Of<F[K]> } & { readonly [K in Exclude<keyof F, Needed<F>>]?: Of<F[K]> | undefined }
>

/** A finite number between two bounds, both included. */
export const number = (says: string, least = -1e300, most = 1e300): Shape<number> => ({
  ...{ kind: 'number', least, most, open: false, whole: false, says },
})
/** A number above a bound, at most another. */
export const above = (says: string, least = 0, most = 1e300): Shape<number> => ({
  ...{ kind: 'number', least, most, open: true, whole: false, says },
})
/** A whole number between two bounds. */
export const whole = (says: string, least: number, most: number): Shape<number> => ({
  ...{ kind: 'number', least, most, open: false, whole: true, says },
})
/** Text that is not empty. */
export const text = (says: string): Shape<string> => ({ kind: 'text', says })
/** One of a few words. */
export const choice = <const C extends string>(says: string, choices: readonly C[]): Shape<C> => ({
  ...{ kind: 'text', choices, says },
})
/** true or false. */
export const flag = (says: string): Shape<boolean> => ({ kind: 'flag', says })
/** A list of one kind of thing. */
export const list = <T>(says: string, of: Shape<T>, least = 0, most = 1_000_000): Shape<readonly T[]> => ({
  ...{ kind: 'list', of, least, most, says },
})
/** Two things in a row. */
export const pair = <A, B>(says: string, a: Shape<A>, b: Shape<B>): Shape<readonly [A, B]> => ({
  ...{ kind: 'pair', of: [a, b], says },
})
/** An object whose keys are names that the writer chooses. */
export const names = <T>(
  says: string,
  of: Shape<T>,
  pattern = /^[A-Za-z][\w.-]{0,39}$/,
): Shape<Readonly<Record<string, T>>> => ({ kind: 'names', of, pattern, says })
/** An object of known fields; unknown ones are refused. */
export const object = <F extends Fields>(says: string, fields: F): Shape<OfFields<F>> => ({
  ...{ kind: 'object', fields, says },
})
/** One of several objects, told apart by a word in the field `kind`. */
export const either = <F extends Readonly<Record<string, Fields>>>(
  says: string,
  of: F,
): Shape<{ [K in keyof F]: Simple<{ readonly kind: K } & OfFields<F[K]>> }[keyof F]> => ({
  ...{ kind: 'either', by: 'kind', says },
  of: Object.fromEntries(Object.entries(of).map(([name, fields]) => [name, object(name, fields)])),
})
/** The first shape that fits by type. */
export const any = <S extends readonly Shape[]>(says: string, ...of: S): Shape<Of<S[number]>> => ({
  ...{ kind: 'any', of, says },
})
/** Anything: whoever reads it checks it. */
export const data = (says: string): Shape<unknown> => ({ kind: 'data', says })
/** May be left out. */
export const may = <T>(shape: Shape<T>): Shape<T> & { readonly optional: true } => ({ ...shape, optional: true })

/** Every problem of a value, in the order of the file. */
export function problemsOf(shape: Shape, value: unknown, place = ''): readonly ScenarioProblem[] {
  const wrong = (message: string, fix: string) => [{ place: place || 'the file', message, fix }]
  switch (shape.kind) {
    case 'number':
      return numberProblems(shape, value, wrong)
    case 'text':
      if (typeof value !== 'string' || value === '')
        return wrong(`is ${shown(value)}, not text`, `Write ${shape.says} as text.`)
      return !shape.choices || shape.choices.includes(value)
        ? []
        : wrong(`is ${shown(value)}`, `Write one of ${shape.choices.join(', ')}${nearest(value, shape.choices)}.`)
    case 'flag':
      return typeof value === 'boolean' ? [] : wrong(`is ${shown(value)}`, `Write true or false: ${shape.says}.`)
    case 'list':
      return listProblems(shape, value, place, wrong)
    case 'pair':
      if (!Array.isArray(value) || value.length !== 2)
        return wrong(`is ${shown(value)}, not a pair`, `Write two values in brackets: ${shape.says}.`)
      return shape.of.flatMap((one, at) => problemsOf(one, value[at], `${place}[${at}]`))
    case 'names':
      if (!isRecord(value)) return wrong(`is ${shown(value)}, not an object`, `Write ${shape.says} in braces.`)
      return Object.entries(value).flatMap(([name, one]) => [
        ...(shape.pattern.test(name)
          ? []
          : [
              {
                place: at(place, name),
                message: 'is no name',
                fix: 'Begin with a letter; letters, digits, . _ - only.',
              },
            ]),
        ...problemsOf(shape.of, one, at(place, name)),
      ])
    case 'object':
      return objectProblems(shape, value, place, wrong)
    case 'either':
      return eitherProblems(shape, value, place, wrong)
    case 'any':
      return anyProblems(shape, value, place, wrong)
    case 'data':
      return []
  }
}

type Wrong = (message: string, fix: string) => readonly ScenarioProblem[]
type Kind<K extends Shape['kind']> = Extract<Shape, { kind: K }>

function numberProblems({ least, most, open, whole, says }: Kind<'number'>, value: unknown, wrong: Wrong) {
  const bounds = boundsText({ least, most, open, whole })
  if (typeof value !== 'number' || !Number.isFinite(value))
    return wrong(`is ${shown(value)}, not a number`, `Write ${bounds}: ${says}.`)
  if (value < least || value > most || (open && value === least) || (whole && !Number.isInteger(value)))
    return wrong(`is ${value}`, `Write ${bounds}: ${says}.`)
  return []
}

function boundsText({ least, most, open, whole }: Pick<Kind<'number'>, 'least' | 'most' | 'open' | 'whole'>): string {
  const what = whole ? 'a whole number' : 'a number'
  const low = least > -1e300 ? (open ? ` above ${least}` : ` of ${least} or more`) : ''
  const high = most < 1e300 ? ` and at most ${most}` : ''
  return `${what}${low}${low ? high : high.replace(' and', '')}`
}

function listProblems(shape: Kind<'list'>, value: unknown, place: string, wrong: Wrong) {
  if (!Array.isArray(value)) return wrong(`is ${shown(value)}, not a list`, `Write ${shape.says} in brackets.`)
  if (value.length < shape.least || value.length > shape.most)
    return wrong(`has ${value.length} entries`, `Give ${shape.least} to ${shape.most}: ${shape.says}.`)
  // A hole of a sparse list reads as undefined, so it is told as any other value that is none.
  return Array.from(value).flatMap((one, index) => problemsOf(shape.of, one, `${place}[${index}]`))
}

function objectProblems({ fields, says }: Kind<'object'>, value: unknown, place: string, wrong: Wrong) {
  if (!isRecord(value)) return wrong(`is ${shown(value)}, not an object`, `Write ${says} in braces.`)
  const known = Object.keys(fields)
  const unknown = Object.keys(value)
    .filter((name) => !known.includes(name) && name !== '$schema')
    .map((name) => ({
      place: at(place, name),
      message: 'is not known here',
      fix: `Leave it out, or write one of ${known.join(', ')}${nearest(name, known)}.`,
    }))
  const own = Object.entries(fields).flatMap(([name, field]) => {
    if (value[name] !== undefined) return problemsOf(field, value[name], at(place, name))
    return field.optional ? [] : [{ place: at(place, name), message: 'is missing', fix: `Add it: ${field.says}.` }]
  })
  return [...unknown, ...own]
}

function eitherProblems({ by, of, says }: Kind<'either'>, value: unknown, place: string, wrong: Wrong) {
  if (!isRecord(value)) return wrong(`is ${shown(value)}, not an object`, `Write ${says} in braces.`)
  const kinds = Object.keys(of)
  const kind = value[by]
  const shape = typeof kind === 'string' && Object.hasOwn(of, kind) ? of[kind] : undefined
  if (!shape) {
    const near = typeof kind === 'string' ? nearest(kind, kinds) : ''
    return [
      {
        place: at(place, by),
        message: kind === undefined ? 'is missing' : `is ${shown(kind)}`,
        fix: `Write one of ${kinds.join(', ')}${near}.`,
      },
    ]
  }
  const { [by]: _kind, ...rest } = value
  return problemsOf(shape, rest, place)
}

function anyProblems({ of, says }: Kind<'any'>, value: unknown, place: string, wrong: Wrong) {
  const tried = of.map((one) => problemsOf(one, value, place))
  if (tried.some((problems) => problems.length === 0)) return []
  // The shape of the value's own type is what its writer meant.
  const meant = of.findIndex((one) => looksLike(one, value))
  return meant < 0 ? wrong(`is ${shown(value)}`, `Write ${says}.`) : (tried[meant] as readonly ScenarioProblem[])
}

function looksLike({ kind }: Shape, value: unknown): boolean {
  if (kind === 'list' || kind === 'pair') return Array.isArray(value)
  if (kind === 'object' || kind === 'names' || kind === 'either') return isRecord(value)
  return typeof value === (kind === 'text' ? 'string' : kind === 'flag' ? 'boolean' : 'number')
}

/** True for a plain object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The place of a field. */
export function at(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`
}

/** A value in a message: short, and text in quotes. */
export function shown(value: unknown): string {
  const words = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value))
  return words.length > 60 ? `${words.slice(0, 57)}…` : words
}

/** The JSON Schema of a shape. */
export function jsonSchemaOf(shape: Shape): Readonly<Record<string, unknown>> {
  const description = shape.says
  switch (shape.kind) {
    case 'number':
      return {
        ...{ type: shape.whole ? 'integer' : 'number', description },
        ...(shape.least > -1e300 ? { [shape.open ? 'exclusiveMinimum' : 'minimum']: shape.least } : {}),
        ...(shape.most < 1e300 ? { maximum: shape.most } : {}),
      }
    case 'text':
      return { type: 'string', description, ...(shape.choices ? { enum: shape.choices } : { minLength: 1 }) }
    case 'flag':
      return { type: 'boolean', description }
    case 'list':
      return { type: 'array', description, items: jsonSchemaOf(shape.of), minItems: shape.least, maxItems: shape.most }
    case 'pair':
      return { type: 'array', description, prefixItems: shape.of.map(jsonSchemaOf), minItems: 2, maxItems: 2 }
    case 'names':
      return {
        ...{ type: 'object', description, additionalProperties: jsonSchemaOf(shape.of) },
        propertyNames: { pattern: shape.pattern.source },
      }
    case 'object':
      return objectSchema(shape, {})
    case 'either':
      return {
        description,
        oneOf: Object.entries(shape.of).map(([name, one]) =>
          objectSchema(one as Kind<'object'>, { [shape.by]: { const: name } }),
        ),
      }
    case 'any':
      return { description, anyOf: shape.of.map(jsonSchemaOf) }
    case 'data':
      return { description }
  }
}

function objectSchema({ fields, says }: Kind<'object'>, more: Readonly<Record<string, unknown>>) {
  const required = Object.entries(fields).flatMap(([name, field]) => (field.optional ? [] : [name]))
  const properties = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, jsonSchemaOf(field)]))
  return {
    ...{ type: 'object', description: says, additionalProperties: false },
    properties: { ...more, ...properties },
    required: [...Object.keys(more), ...required],
  }
}
