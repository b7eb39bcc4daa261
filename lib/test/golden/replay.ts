/** What a golden file is and how a protocol answers it: recorded state and call in, what the contract did out. */

/** JSON as golden files hold it: integers are decimal text. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/** A file: header fields (constants, markets …) and cases. */
export type GoldenFile = JsonObject & {
  readonly protocol: string
  readonly version: string
  readonly cases: readonly GoldenCase[]
}
/** One recorded call. `out` holds only what changed, or `revert` when the contract refused. */
export type GoldenCase = { readonly branch: string; readonly in: JsonObject; readonly out: JsonObject }

/**
 * Recomputes one case with the mechanism: gives `out` in the file's own form. Fields that the file leaves out because they did not change may be
 * given: they are compared with `in`.
 */
export type Replay = (file: GoldenFile, input: JsonObject) => JsonObject

/** A protocol's replay and how to know its files. */
export type GoldenProtocol = {
  readonly id: string
  readonly matches: (file: GoldenFile) => boolean
  readonly replay: Replay
}

/** A field of an object, for code that knows the file's form; a missing one is a broken file. */
export function field(object: Json | undefined, key: string): Json {
  const value = isObject(object) ? object[key] : undefined
  if (value === undefined) throw new Error(`the case has no field '${key}'`)
  return value
}

/** Reads a field as an integer. */
export function integer(object: Json | undefined, key: string): bigint {
  const value = field(object, key)
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) throw new Error(`field '${key}' is no integer text`)
  return BigInt(value)
}

/** True for a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
