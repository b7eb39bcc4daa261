/** The world's mistakes, as one closed union of codes; ours are `assert`ed and never caught. */

/** What can go wrong outside of us. Each code has one entry in {@link ADVICE}. */
export type ErrorCode =
  | 'bad-number'
  | 'bad-time'
  | 'bad-frame'
  | 'bad-config'
  | 'bad-query'
  | 'bad-file'
  | 'bad-cursor'
  | 'bad-position'
  | 'bad-tiers'
  | 'over-leverage'
  | 'bad-account'
  | 'bad-state'
  | 'bad-shock'
  | 'bad-scenario'
  | 'missing-price'
  | 'unknown-asset'
  | 'unknown-protocol'
  | 'unknown-format'
  | 'unknown-venue'
  | 'not-found'
  | 'line-too-long'
  | 'disk-full'
  | 'data-directory-locked'
  | 'data-directory-damaged'
  | 'port-in-use'
  | 'store-unreachable'
  | 'store-unsupported'
  | 'store-failed'
  | 'store-closed'
  | 'venue-unreachable'
  | 'venue-refused'
  | 'provider-limit'
  | 'wrong-chain'
  | 'block-unavailable'
  | 'contract-silent'
  | 'unauthorised'
  | 'overloaded'

/** What to do about each code when the thrower has nothing more precise to say, and whether trying again can help. */
export const ADVICE: Readonly<Record<ErrorCode, { fix: string; retryable: boolean }>> = {
  'bad-number': { fix: 'Write a plain decimal number such as 1234.5.', retryable: false },
  'bad-time': {
    fix: 'Write a time as 2021-05-19, 2021-05-19T11:00:00Z or milliseconds since 1970.',
    retryable: false,
  },
  'bad-frame': { fix: 'The raw text is kept with its reason; see `breakwater coverage`.', retryable: false },
  'bad-config': { fix: 'See `breakwater help` for the options and their values.', retryable: false },
  'bad-query': { fix: 'See /openapi.json for the parameters and their values.', retryable: false },
  'bad-file': { fix: 'Check that the file is complete and of the format named.', retryable: false },
  'bad-cursor': { fix: 'Start again without a cursor.', retryable: false },
  'bad-position': {
    fix: 'Give a size, an entry price and a margin above 0, and a side that is long or short.',
    retryable: false,
  },
  'bad-tiers': {
    fix: 'Give brackets from 0 upwards without holes, with rates that do not fall and deductions that keep the margin continuous.',
    retryable: false,
  },
  'bad-account': {
    fix: 'Give amounts of 0 or more in whole units or atoms, and an account that exists.',
    retryable: false,
  },
  'bad-state': { fix: 'Check the values named: the protocol could not hold them.', retryable: false },
  'bad-shock': { fix: 'Write a shock as ETH=-30%, between -100% and +1000%.', retryable: false },
  'bad-scenario': { fix: 'Mend each place named, then run the scenario again.', retryable: false },
  'missing-price': { fix: 'Give a price above 0 for every asset of the account.', retryable: false },
  'unknown-asset': { fix: 'Name an asset of the protocol’s table, or give its parameters.', retryable: false },
  'unknown-protocol': { fix: 'See `breakwater lending protocols` for the ids.', retryable: false },
  'over-leverage': { fix: 'Choose a lower leverage or a smaller position.', retryable: false },
  'unknown-format': { fix: 'Name the format with --as, or give a mapping file with --map.', retryable: false },
  'unknown-venue': { fix: 'See `breakwater coverage` for the venue ids.', retryable: false },
  'not-found': { fix: 'Check the id or the path.', retryable: false },
  'line-too-long': {
    fix: 'The line was skipped and counted; split the file into records of one line.',
    retryable: false,
  },
  'disk-full': {
    fix: 'Free disk space or move the data directory with --data DIR, then start again.',
    retryable: true,
  },
  'data-directory-locked': {
    fix: 'Another process owns this data directory: stop it, ask it over its API, or use --data DIR.',
    retryable: true,
  },
  'data-directory-damaged': {
    fix: 'Restore the directory, or import its recordings into a new one.',
    retryable: false,
  },
  'port-in-use': { fix: 'Choose another port with --port N.', retryable: true },
  'store-unreachable': { fix: 'Check the address given with --clickhouse and that the server runs.', retryable: true },
  'store-unsupported': {
    fix: 'Use --clickhouse URL or --store memory on this platform.',
    retryable: false,
  },
  'store-failed': { fix: 'See the values for what the store said.', retryable: true },
  'store-closed': { fix: 'Open the store again.', retryable: false },
  'venue-unreachable': { fix: 'Check the network; `breakwater up --demo` works without one.', retryable: true },
  'venue-refused': { fix: 'The venue refused the subscription; see the values for its answer.', retryable: true },
  'provider-limit': { fix: 'Ask for fewer blocks at once or use another provider.', retryable: true },
  'wrong-chain': {
    fix: 'Give the RPC address of the chain that you named, or name the one it serves.',
    retryable: false,
  },
  'block-unavailable': {
    fix: 'Choose a block that the node has, or ask a node that keeps old state (an archive node).',
    retryable: true,
  },
  'contract-silent': {
    fix: 'Check the address and the chain: what stands there does not answer as this protocol does.',
    retryable: false,
  },
  unauthorised: { fix: 'Send the token as `Authorization: Bearer …`.', retryable: false },
  overloaded: { fix: 'Wait and try again.', retryable: true },
}

/** Values that explain an error: they go to logs and to problem+json. */
export type ErrorValues = Readonly<Record<string, string | number | boolean | undefined>>

/** The one error class: what is wrong (`message`), with which `values`, how to `fix` it, and whether to retry. */
export class BreakwaterError extends Error {
  override readonly name = 'BreakwaterError'
  readonly code: ErrorCode
  readonly values: ErrorValues
  readonly fix: string
  readonly retryable: boolean
  constructor(code: ErrorCode, message: string, values: ErrorValues, fix: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.values = values
    this.fix = fix
    this.retryable = ADVICE[code].retryable
  }
}

/** Makes the error to throw; `fix` defaults to the code's own advice. */
export function breakwaterError(
  code: ErrorCode,
  message: string,
  values: ErrorValues = {},
  options: { fix?: string; cause?: unknown } = {},
): BreakwaterError {
  return new BreakwaterError(code, message, values, options.fix ?? ADVICE[code].fix, options.cause)
}

/** True for an error of ours about the world, as opposed to a bug. */
export function isBreakwaterError(error: unknown): error is BreakwaterError {
  return error instanceof BreakwaterError
}

/** Stops on a mistake of our own; never caught. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}
