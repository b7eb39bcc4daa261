/** How providers say that a request asked for too much. Texts as providers send them; a shorter range is the answer to each. */

const TOO_MUCH =
  /more than \d+ results|range (is )?too (wide|large)|block range|exceeds? (the )?(max|range|limit)|limit exceeded|response size|too many (blocks|results|logs)|query timeout|timed out|timeout|payload too large|413|maximum block range/i

/** Everything an error and its causes say, joined. */
export function messageOf(error: unknown): string {
  const parts: string[] = []
  for (
    let at = error as { message?: string; details?: string; cause?: unknown } | undefined;
    at && parts.length < 6;
    at = at.cause as typeof at
  ) {
    if (at.details) parts.push(at.details)
    if (at.message) parts.push(at.message.split('\n')[0] as string)
  }
  return [...new Set(parts)].join('; ').slice(0, 400)
}

/** True when a shorter range may succeed. */
export function isProviderLimit(error: unknown): boolean {
  const status = (error as { status?: number } | undefined)?.status
  return status === 413 || TOO_MUCH.test(messageOf(error))
}
