/** The terminal: the frame that is on every screen, and the page inside it. */
import { createSignal, ErrorBoundary, lazy, Match, onCleanup, Show, Suspense, Switch } from 'solid-js'
import { Overview } from './pages/overview.tsx'
import { PositionPage } from './pages/position.tsx'
import { RecordsPage } from './pages/records.tsx'
import { TapePage } from './pages/tape.tsx'
import { VenuesPage } from './pages/venues.tsx'
import { OWN_WORDS } from './state/view.ts'
import { createTerminal, SharedProvider, type Terminal } from './ui/context.ts'
import { Footer, Progress } from './ui/footer.tsx'
import { Header, Navigation } from './ui/header.tsx'
import { Help } from './ui/help.tsx'
import { listenToKeys } from './ui/keyboard.ts'
import { Receipt } from './ui/receipt.tsx'
import { Chips } from './ui/search.tsx'
import { TotalBar } from './ui/total-bar.tsx'
import { toggled } from './ui/widget.tsx'

const NOTE_MS = 4_000

// Pages that compute: each loads its mechanisms when it is first opened, so that the tape does not wait for them.
const HeatmapPage = lazy(() => import('./pages/heatmap.tsx').then(({ HeatmapPage }) => ({ default: HeatmapPage })))
const LendingPage = lazy(() => import('./pages/lending.tsx').then(({ LendingPage }) => ({ default: LendingPage })))
const CascadePage = lazy(() => import('./pages/cascade.tsx').then(({ CascadePage }) => ({ default: CascadePage })))
const ArenaPage = lazy(() => import('./pages/arena.tsx').then(({ ArenaPage }) => ({ default: ArenaPage })))
const IncidentsPage = lazy(() =>
  import('./pages/incidents.tsx').then(({ IncidentsPage }) => ({ default: IncidentsPage })),
)
const MechanismsPage = lazy(() =>
  import('./pages/mechanisms.tsx').then(({ MechanismsPage }) => ({ default: MechanismsPage })),
)

/** The whole of it. */
export function App() {
  const terminal = createTerminal()
  const [help, setHelp] = createSignal(false)
  const [note, setNote] = createSignal('')
  useKeys(terminal, () => setHelp(!help()), setNote)
  const { view, said, status, heard } = terminal
  return (
    <SharedProvider value={terminal}>
      <a class="skip" href="#page">
        to the page
      </a>
      <Progress />
      <Header onHelp={() => setHelp(true)} />
      <div class="frame">
        <TotalBar />
        <Navigation />
        <Chips />
      </div>
      <Show when={status()?.mode === 'offline' && heard().length > 0}>
        <p class="banner">
          <strong>No venue reachable.</strong> What is stored can be read. A simulated market:{' '}
          <code>npm start -- --demo</code>
        </p>
      </Show>
      <main id="page" tabindex="-1">
        <h1 class="visually-hidden">{view().page === 'position' ? 'My position' : view().page}</h1>
        <Pages view={view} />
      </main>
      <Footer />
      <Receipt />
      <Help open={help()} onClose={() => setHelp(false)} />
      <p class="visually-hidden" role="status" aria-live="polite">
        {said()}
      </p>
      <Show when={note()}>
        <p class="toast" role="status">
          {note()}
        </p>
      </Show>
    </SharedProvider>
  )
}

/** The page that the address names. */
function Pages({ view }: Pick<Terminal, 'view'>) {
  return (
    <Switch>
      <Match when={view().page === 'overview'}>
        <Overview />
      </Match>
      <Match when={view().page === 'tape'}>
        <TapePage />
      </Match>
      <Match when={view().page === 'records'}>
        <RecordsPage />
      </Match>
      <Match when={view().page === 'venues'}>
        <VenuesPage />
      </Match>
      <Match when={view().page === 'position'}>
        <PositionPage />
      </Match>
      <Match when={OWN_WORDS.includes(view().page)}>
        <Show when={view().page} keyed>
          <Computed view={view} />
        </Show>
      </Match>
    </Switch>
  )
}

/** A page that comes when it is first opened; one that does not come says so, and stands in the way of no other. */
function Computed({ view }: Pick<Terminal, 'view'>) {
  return (
    <ErrorBoundary fallback={(error) => <Lost error={error} />}>
      <Suspense fallback={<p class="page-loading label">loading …</p>}>
        <Switch>
          <Match when={view().page === 'heatmap'}>
            <HeatmapPage />
          </Match>
          <Match when={view().page === 'lending'}>
            <LendingPage />
          </Match>
          <Match when={view().page === 'cascade'}>
            <CascadePage />
          </Match>
          <Match when={view().page === 'arena'}>
            <ArenaPage />
          </Match>
          <Match when={view().page === 'incidents'}>
            <IncidentsPage />
          </Match>
          <Match when={view().page === 'mechanisms'}>
            <MechanismsPage />
          </Match>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  )
}

function Lost(props: { error: unknown }) {
  return (
    <div class="failed" role="alert">
      <p>
        <strong>This page did not load</strong>: {String(props.error)}
      </p>
      <p>The server does not answer, or another version of it runs since this window was opened.</p>
      <button type="button" onClick={() => location.reload()}>
        load it again
      </button>
    </div>
  )
}

function useKeys({ view, go }: Terminal, help: () => void, setNote: (note: string) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const say = (text: string) => {
    clearTimeout(timer)
    setNote(text)
    timer = setTimeout(() => setNote(''), NOTE_MS)
  }
  const stop = listenToKeys({
    view,
    go,
    help,
    search: (letter) => {
      const box = document.getElementById('search') as HTMLInputElement | null
      if (!box) return
      box.focus()
      if (letter === '') return
      box.value += letter
      box.dispatchEvent(new InputEvent('input', { bubbles: true }))
    },
    twin: () => {
      const near =
        document.activeElement?.closest('[data-chart]') ??
        document.querySelector('[data-chart]:hover') ??
        document.querySelector('[data-chart]')
      const chart = near?.getAttribute('data-chart')
      if (chart) go({ table: toggled(view().table, chart) }, 'replace')
    },
    reported: () =>
      say(
        'Every number here is as reported (= or ≥). No corrected total is computed yet, so there is nothing to swap.',
      ),
    escape: () => (document.activeElement as HTMLElement | null)?.blur(),
  })
  onCleanup(() => {
    stop()
    clearTimeout(timer)
  })
}
