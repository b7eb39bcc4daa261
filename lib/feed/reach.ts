/** Why a venue could not be reached, in words that say what to look at. */

const TLS = /^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL|HOSTNAME_MISMATCH|EPROTO)/

/** One phrase for a failed connection or request: DNS, refused, TLS, timeout, HTTP status, or what the system said. */
export function whyUnreachable(error: unknown): string {
  const { code, message, name, host } = root(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `DNS: the name ${host ?? 'of the venue'} does not resolve (${code})`
  if (code === 'ECONNREFUSED') return 'the connection was refused (ECONNREFUSED)'
  if (code === 'ECONNRESET') return 'the connection was reset (ECONNRESET)'
  if (code === 'ENETUNREACH' || code === 'EHOSTUNREACH') return `no route to the venue (${code})`
  if (code && TLS.test(code)) return `TLS: ${message} (${code})`
  const timedOut = code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' || name === 'TimeoutError'
  if (timedOut || /timed out/i.test(message)) return 'timeout: no answer in time'
  const status = /Unexpected server response: (\d+)/.exec(message)
  if (status) return `the venue answered HTTP ${status[1]}`
  return message || code || 'unknown'
}

type Failure = { code: string | undefined; message: string; name: string; host: string | undefined }

function root(error: unknown): Failure {
  let at = error as {
    code?: string
    message?: string
    name?: string
    hostname?: string
    cause?: unknown
    errors?: unknown[]
  }
  // fetch wraps the reason in `cause`; a name with several addresses gives an AggregateError.
  for (let depth = 0; depth < 5; depth++) {
    const inner = at?.cause ?? at?.errors?.[0]
    if (typeof inner !== 'object' || inner === null) break
    at = inner
  }
  return { code: at?.code, message: at?.message ?? '', name: at?.name ?? '', host: at?.hostname }
}
