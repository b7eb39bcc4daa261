/** What section E of the vectors asks of the feeds. */
import { shownOf } from '../../sim/index.ts'
import { type Form, form, num } from './form.ts'

/** The forms of section E that something answers. */
export const SYSTEM_FORMS: readonly Form[] = [
  form(
    'E.data',
    { events: num, reportedPerSymbolPerSecond: num, symbols: num },
    ({ events, reportedPerSymbolPerSecond, symbols }) => {
      // One second, `reported` windows in it, every event in each of them as evenly as can be.
      const windowMs = 1000 / reportedPerSymbolPerSecond
      const burst = Array.from({ length: events }, (_, at) => ({
        symbol: `S${at % symbols}`,
        time: Math.min(999, Math.floor((Math.floor(at / symbols) % reportedPerSymbolPerSecond) * windowMs)),
        value: 1,
      })).sort((a, b) => a.time - b.time)
      return { maxReported: shownOf(burst, { shows: 'latest', of: 'symbol', windowMs }).shownEvents }
    },
  ),
]
