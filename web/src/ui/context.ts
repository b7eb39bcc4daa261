/** What every widget of the page shares: the view, the stream, the clock, and the answers behind the total bar. */
import { createContext, createMemo, createSignal, onCleanup, useContext } from 'solid-js'
import { createAnswer } from '../data/answer.ts'
import { createLive } from '../data/live.ts'
import { venueLabel } from '../data/names.ts'
import { type DataKind, kindsOf } from '../state/kinds.ts'
import { createNavigation } from '../state/navigation.ts'
import { filterWords, type Kind, type Params, windowWords } from '../state/view.ts'

/** How often the shared answers are asked again while events come in, ms. */
const TOTALS_EVERY = 2_000
const SLOW_EVERY = 10_000

/** Opens what the widgets share. */
export function createTerminal() {
  const navigation = createNavigation()
  const { view } = navigation
  const live = createLive()
  const [now, setNow] = createSignal(Date.now())
  const clock = setInterval(() => setNow(Date.now()), 1_000)
  onCleanup(() => clearInterval(clock))

  const moving = () => view().at === undefined
  const words = (kind?: Kind): Params => ({ ...windowWords(view()), ...filterWords(view(), kind) })
  const only = (kind: 'perp' | 'loan') => () =>
    view().kind === 'both' || view().kind === kind ? words(kind) : undefined
  const fresh = { everyMs: TOTALS_EVERY, live: moving }
  const perps = createAnswer('/v1/totals', only('perp'), fresh)
  const loans = createAnswer('/v1/totals', only('loan'), fresh)
  const coverage = createAnswer('/v1/coverage', () => words(), { everyMs: SLOW_EVERY, live: moving })
  const cards = createAnswer('/v1/venues', () => ({}), { everyMs: SLOW_EVERY, live: () => false })
  const program = createAnswer('/v1/status', () => ({}), { everyMs: SLOW_EVERY })

  const names = createMemo(() => new Map(cards.shown().answer?.data.map((card) => [card.id, card.name])))
  /** The program was asked how it is and does not answer. */
  const silent = () => program.shown().failure !== undefined
  const told = () => program.shown().answer?.data
  // What a broken stream said last is older than what the program answers.
  const status = () => (live.state() === 'open' ? (live.status() ?? told()) : (told() ?? live.status()))
  const heard = createMemo(() => coverage.shown().answer?.data.venues.map(({ venue }) => venue) ?? [])
  // A page that stands on another answer (the record book) says so here: its kind is what the frame must show.
  const [claimed, claim] = createSignal<readonly DataKind[] | undefined>()
  const sources = createMemo(() => claimed() ?? coverage.shown().answer?.provenance.sources ?? [])
  const kinds = createMemo(() =>
    kindsOf({ sources: sources(), mode: silent() ? undefined : status()?.mode, moving: moving() }),
  )
  return {
    ...{
      ...navigation,
      live,
      now,
      moving,
      words,
      perps,
      loans,
      coverage,
      cards,
      program,
      status,
      silent,
      heard,
      kinds,
      claim,
    },
    simulated: () => kinds().includes('simulated'),
    nameOf: (id: string) => venueLabel(id, names()),
    /** What is said in the polite live region. */
    ...createAnnouncer(),
  }
}

/** Speaks at most once in ten seconds; what comes meanwhile is replaced by what comes later. */
function createAnnouncer() {
  const [said, setSaid] = createSignal('')
  let last = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const announce = (text: string) => {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        last = Date.now()
        setSaid(text)
      },
      Math.max(0, last + 10_000 - Date.now()),
    )
  }
  onCleanup(() => clearTimeout(timer))
  return { said, announce }
}

/** See {@link createTerminal}. */
export type Terminal = ReturnType<typeof createTerminal>

const Shared = createContext<Terminal>()
/** Gives the widgets what they share. */
export const SharedProvider = Shared.Provider

/** What the widgets share. */
export function useTerminal(): Terminal {
  const terminal = useContext(Shared)
  if (!terminal) throw new Error('a widget stands outside the terminal')
  return terminal
}
