/** The keys of the whole page. Keys typed into a field are the field's own. */
import { parseDuration, parseInstant } from '../../../lib/analytics/index.ts'
import { DAY, type UnixMs } from '../../../lib/model/index.ts'
import { isDayView, PAGES, type Page, type View, WINDOWS } from '../state/view.ts'

/** What the keys do. */
export type Keys = {
  readonly view: () => View
  readonly go: (patch: Partial<View>) => void
  readonly search: (letter: string) => void
  readonly help: () => void
  readonly twin: () => void
  readonly reported: () => void
  readonly escape: () => void
}

/** Every key with its meaning, for the help. */
export const KEYS: readonly (readonly [string, string])[] = [
  ['a … z', 'search: a letter opens it'],
  ['/', 'search and filter'],
  ['1 … 6', `window: ${WINDOWS.join(', ')}`],
  ['g o · g t · g r · g v · g p', 'go to Overview, Tape, Records, Venues, My position'],
  ['[  ]', 'time machine: one window back, one forward'],
  ['x', 'table twin of the chart in focus'],
  ['r', 'kinds of number: reported, corrected'],
  ['?', 'this help'],
  ['Esc', 'close what is open'],
]

const CHORD_MS = 1_200

/** Listens to the page; the function that comes back stops it. */
export function listenToKeys(keys: Keys): () => void {
  let chord = 0
  const onKey = (event: KeyboardEvent) => {
    // An open dialog has the keys to itself.
    if (document.querySelector('dialog[open]')) return
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') return keys.escape()
    if (isField(event.target)) return
    const waiting = Date.now() - chord < CHORD_MS
    chord = 0
    const page = (Object.keys(PAGES) as Page[]).find((name) => PAGES[name] === event.key)
    if (waiting && page) keys.go({ page, event: undefined })
    else if (event.key === 'g') chord = Date.now()
    else if (!command(event, keys)) return
    event.preventDefault()
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

function command(event: KeyboardEvent, keys: Keys): boolean {
  const { key } = event
  if (key === '/') keys.search('')
  else if (key === '?') keys.help()
  else if (key === 'x') keys.twin()
  else if (key === 'r') keys.reported()
  else if (key === '[' || key === ']') keys.go({ at: stepped(keys.view(), key === ']' ? 1 : -1, Date.now()) })
  else if (/^[1-9]$/.test(key)) {
    const window = WINDOWS[Number(key) - 1]
    if (!window) return false
    keys.go({ window })
  } else if (/^[a-z]$/i.test(key)) keys.search(key)
  else return false
  return true
}

/** The time machine one window back or forward; beyond now it is now. */
export function stepped(view: View, steps: 1 | -1, now: number): string | undefined {
  if (isDayView(view)) {
    const next = Date.parse(view.at as string) + steps * DAY
    return next > now ? undefined : new Date(next).toISOString().slice(0, 10)
  }
  const length = parseDuration(view.window)
  const end = view.at === undefined ? Math.floor(now / 60_000) * 60_000 : parseInstant(view.at, now as UnixMs)
  const next = end + steps * length
  // The present minute is now.
  return next > now - 60_000 ? undefined : `${new Date(next).toISOString().slice(0, 16)}Z`
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}
