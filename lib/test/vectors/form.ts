/** One form of input that a formula family understands, and what every family is: a list of them. */
import { z } from 'zod'

/** A computed answer: the shape of `expected`. */
export type Answer = number | boolean | string | null | readonly Answer[] | { readonly [key: string]: Answer }

/** A form: the family's name, whether inputs are of this form, and the computation. */
export type Form = {
  readonly mech: string
  readonly accepts: (inputs: unknown) => boolean
  /** `asked`: what the vector expects, for the few whose question stands there (where to look); never what is answered. */
  readonly run: (inputs: unknown, asked?: unknown) => Answer
}

/** Makes a form of exactly these keys. */
export function form<T extends z.ZodRawShape>(
  mech: string,
  shape: T,
  run: (inputs: z.infer<z.ZodObject<T>>, asked: unknown) => Answer,
): Form {
  const schema = z.strictObject(shape)
  return {
    mech,
    accepts: (inputs) => schema.safeParse(inputs).success,
    run: (inputs, asked) => run(schema.parse(inputs) as z.infer<z.ZodObject<T>>, asked),
  }
}

/** A finite number. */
export const num = z.number()
/** Many of them. */
export const nums = z.array(num)
/** +1 for long, −1 for short. */
export const sign = z.union([z.literal(1), z.literal(-1)])

/** The side of a sign. */
export function sideOf(one: 1 | -1): 'long' | 'short' {
  return one === 1 ? 'long' : 'short'
}
