/** What a price, a time and a rate must be before a mark price or funding is computed from them. */
import { breakwaterError } from '../../model/index.ts'

/** The value when it is a finite number > 0, such as a price. Refuses (`bad-number`) NaN, Infinity, 0 and negatives, naming the field. */
export function checkedPositive(field: string, value: number): number {
  if (!(Number.isFinite(value) && value > 0))
    throw breakwaterError('bad-number', `${field} is ${value}; it must be a number above 0`, { field, value })
  return value
}

/** As {@link checkedPositive}, and `undefined` stays `undefined`: an input that is missing is not an error. */
export function checkedOptional(field: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : checkedPositive(field, value)
}

/** The value when it is a finite number ≥ 0, such as an amount or a time that has passed. Refuses (`bad-number`) anything else. */
export function checkedNotNegative(field: string, value: number): number {
  if (!(Number.isFinite(value) && value >= 0))
    throw breakwaterError('bad-number', `${field} is ${value}; it must be a number of at least 0`, { field, value })
  return value
}

/** The value when it is a finite number of either sign, such as a premium. Refuses (`bad-number`) NaN and Infinity. */
export function checkedFinite(field: string, value: number): number {
  if (!Number.isFinite(value))
    throw breakwaterError('bad-number', `${field} is ${value}; it must be a finite number`, { field, value })
  return value
}

/** The value when 0 < value < 1, such as the largest step of a price. Refuses (`bad-number`) anything else. */
export function checkedFraction(field: string, value: number): number {
  if (!(value > 0 && value < 1))
    throw breakwaterError('bad-number', `${field} is ${value}; it must lie between 0 and 1`, { field, value })
  return value
}
