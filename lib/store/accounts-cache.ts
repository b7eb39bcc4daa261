/**
 * Distinct accounts do not add up, so no stored sum can answer them. A store that nobody else writes to remembers its last answers
 * by day, and asks again only about days that changed since.
 */
import type { Aggregate } from '../analytics/index.ts'
import { DAY, type MarketEvent } from '../model/index.ts'
import type { AccountsRow } from './queries.ts'

/** Answers kept at once. */
const MOST = 64
/** More changed days than this, and everything is asked again. */
const MOST_DAYS = 16

/** Remembers answers and what has changed since. */
export type AccountsCache = {
  /** The answer to a question; `ask` runs it for all days (`undefined`) or for some. */
  answer(
    question: Aggregate,
    ask: (days?: readonly number[]) => Promise<readonly AccountsRow[]>,
  ): Promise<readonly AccountsRow[]>
  /** To be called after events are stored and before that is acknowledged. */
  added(events: readonly MarketEvent[]): void
  /** To be called after events were removed. */
  removed(): void
}

/** An empty cache. */
export function accountsCache(): AccountsCache {
  let now = 0
  let allChanged = 0
  const changed = new Map<number, number>()
  const answers = new Map<string, { readonly asOf: number; readonly rows: readonly AccountsRow[] }>()
  return {
    answer: async (question, ask) => {
      const name = JSON.stringify(question)
      const asOf = now
      const known = answers.get(name)
      const timeKey = question.by.findIndex((key) => key === 'day' || key === 'hour' || key === 'minute')
      const days = [...changed].flatMap(([day, when]) => (known && when > known.asOf ? [day] : []))
      let rows: readonly AccountsRow[]
      if (known === undefined || known.asOf < allChanged || days.length > MOST_DAYS) rows = await ask()
      else if (days.length === 0) rows = known.rows
      else if (timeKey < 0) rows = await ask()
      else {
        const dayOf = (row: AccountsRow) => Math.floor((row[`k${timeKey}`] as number) / DAY) * DAY
        rows = [...known.rows.filter((row) => !days.includes(dayOf(row))), ...(await ask(days))]
      }
      answers.delete(name)
      answers.set(name, { asOf, rows })
      if (answers.size > MOST) answers.delete(answers.keys().next().value as string)
      return rows
    },
    added: (events) => {
      now++
      for (const event of events)
        if ('account' in event && event.account) changed.set(Math.floor(event.time / DAY) * DAY, now)
    },
    removed: () => {
      allChanged = ++now
    },
  }
}
