/** Starts the API: it listens, streams what it is given, and stops cleanly. */
import type { AddressInfo } from 'node:net'
import { breakwaterError, type MarketEvent } from '../model/index.ts'
import { buildApp } from './app.ts'
import { assertMayListen } from './guards.ts'
import type { ApiOptions } from './options.ts'

/** A listening API. */
export type Api = {
  /** e.g. `http://127.0.0.1:8787`. */
  readonly address: string
  /** Hands stored events to the stream. */
  publish(events: readonly MarketEvent[]): void
  /** Ends every connection and the listener. The store stays open: whoever opened it closes it. */
  close(): Promise<void>
}

/** Listens. Refuses with `port-in-use`, and with `bad-config` for an address that is not ours or one beyond loopback without a token. */
export async function startApi(options: ApiOptions): Promise<Api> {
  assertMayListen(options)
  const { app, server } = await buildApp(options)
  const { host, port } = options
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    throw listenError(cause, host, port)
  }
  const bound = app.server.address() as AddressInfo
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return {
    address: `http://${name}:${bound.port}`,
    publish: (events) => {
      server.metrics.published(events)
      server.hub.publish(events)
    },
    close: () => app.close(),
  }
}

function listenError(cause: unknown, host: string, port: number): unknown {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return breakwaterError('port-in-use', `port ${port} of ${host} is in use`, { host, port }, { cause })
  if (code === 'EACCES')
    return breakwaterError(
      'bad-config',
      `port ${port} needs rights that this program has not`,
      { host, port },
      { fix: 'Choose a port above 1023 with --port N.', cause },
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return breakwaterError(
      'bad-config',
      `${host} is no address of this machine`,
      { host, port },
      { fix: 'Use --host 127.0.0.1.', cause },
    )
  return cause
}
