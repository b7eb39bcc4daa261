/** What every kind of connection is to the feed: it has a status, can take a new plan, and can be stopped. */
import type { Connection } from '../venues/index.ts'
import type { ConnectionStatus } from './feed.ts'

/** The part of a connection's status that the connection itself knows. */
export type LinkStatus = Pick<ConnectionStatus, 'state' | 'why' | 'since' | 'lastFrame' | 'reconnects' | 'skewMs'>

/** A kept connection. */
export type Link = {
  status(): LinkStatus
  /** Takes a plan of the same name, e.g. after new listings; nothing is lost while it changes. */
  replan(plan: Connection): void
  stop(): Promise<void>
}
