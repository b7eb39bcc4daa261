/** What the API server is started with. */
import type { ConnectionStatus } from '../feed/index.ts'
import type { Clock, Log, Receipt } from '../model/index.ts'
import type { AnswerContext, Store } from '../store/index.ts'
import type { StreamLimits } from './stream/lane.ts'
import type { Mode } from './types.ts'

/** What {@link startApi} needs. Only `cli/` makes one. */
export type ApiOptions = {
  /** The address to listen on; beyond loopback a `token` is required. */
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly status: () => readonly ConnectionStatus[]
  readonly mode: () => Mode
  /** One sentence for a person about the mode; a fitting one is said when absent. */
  readonly message?: (() => string) | undefined
  readonly version: string
  /** Asked of every route but `/health`, as `Authorization: Bearer …`. */
  readonly token?: string | undefined
  /** Folder of the built terminal. */
  readonly webRoot?: string | undefined
  /** The raw frame of a receipt, from the recordings or the imported file; `undefined` where it is no longer there. */
  readonly rawFrame?: ((receipt: Receipt) => Promise<string | undefined>) | undefined
  /** The table of daily figures that ships with the package. */
  readonly shipped?: AnswerContext['shipped'] | undefined
  /** Names beside localhost under which a loopback server may be addressed (a container's, a tunnel's). */
  readonly allowedHosts?: readonly string[] | undefined
  /** Requests per minute and client address. */
  readonly requestsPerMinute?: number | undefined
  readonly streamLimits?: Partial<StreamLimits> | undefined
}

/** Requests per minute and client address, when nothing else is said. */
export const REQUESTS_PER_MINUTE = 1_200

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}
