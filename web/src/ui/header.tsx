/** The head of every screen: search, clock, kind of data, time machine, pages. */
import { createEffect, createSignal, For, Show } from 'solid-js'
import { OWN_WORDS, PAGES, type Page, WINDOWS } from '../state/view.ts'
import { useTerminal } from './context.ts'
import { Link } from './link.tsx'
import { SearchBox } from './search.tsx'
import { toggleTheme } from './theme.ts'

const LABELS: Readonly<Record<Page, string>> = {
  overview: 'Overview',
  tape: 'Tape',
  records: 'Records',
  venues: 'Venues',
  heatmap: 'Heatmap',
  lending: 'Lending',
  cascade: 'Cascade lab',
  arena: 'Arena',
  incidents: 'Incidents',
  mechanisms: 'Mechanisms',
  position: 'My position',
}
const KIND_WORDS = {
  live: ['LIVE ●', 'heard from venues now'],
  recorded: ['RECORDED ◷', 'read from recordings or tables of real events'],
  simulated: ['SIM ⊢', 'made by a simulator: nothing here happened'],
} as const

/** The head of the page. */
export function Header(props: { onHelp: () => void }) {
  const { now, kinds, live, program, silent } = useTerminal()
  const utc = () => new Date(now()).toISOString()
  return (
    <header class="top">
      <Link to={{ page: 'overview' }} class="brand" title="Breakwater">
        <Mark /> breakwater
      </Link>
      <SearchBox />
      <div class="frame-facts">
        <time class="clock" datetime={utc()} title={`${new Date(now()).toLocaleString()} here`}>
          <span class="clock-day">{utc().slice(0, 10)} </span>
          {utc().slice(11, 19)} <span class="label">UTC</span>
        </time>
        <For each={kinds()}>
          {(kind) => (
            <span class={`data-kind ${kind}`} title={KIND_WORDS[kind][1]} data-testid="data-kind">
              {KIND_WORDS[kind][0]}
            </span>
          )}
        </For>
        <Show when={silent()}>
          <span class="data-kind broken" title={program.shown().failure?.detail} data-testid="no-answer">
            no answer ↻
          </span>
        </Show>
        <Show when={!silent() && live.state() === 'lost' && program.shown().answer}>
          <span class="data-kind broken" title="the stream to the server broke; trying again">
            stream lost ↻
          </span>
        </Show>
        <TimeMachine />
        <button type="button" class="tool" title="dark or light" aria-label="dark or light theme" onClick={toggleTheme}>
          ◐
        </button>
        <button type="button" class="tool" title="keys (?)" aria-label="help and keys" onClick={() => props.onHelp()}>
          ?
        </button>
      </div>
    </header>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M2 8l4-6 4 6z" class="short-fill" />
      <path d="M6 8.6h8l-4 6z" class="long-fill" />
    </svg>
  )
}

/** Pages, windows, and the switch that keeps perps and loans apart. */
export function Navigation() {
  const { view } = useTerminal()
  const computed = () => OWN_WORDS.includes(view().page)
  let tabs: HTMLElement | undefined
  // On a telephone the tabs scroll: the page that is open is among those that are seen.
  createEffect(() => {
    const tab = tabs?.children[Object.keys(PAGES).indexOf(view().page)]
    if (tabs && tab instanceof HTMLElement) tabs.scrollLeft = tab.offsetLeft - tabs.clientWidth / 3
  })
  return (
    <div class="nav-row">
      <nav aria-label="pages" class="tabs" ref={tabs}>
        <For each={Object.entries(PAGES) as [Page, string][]}>
          {([page, key]) => (
            <Link to={{ page, event: undefined, own: {} }} current={view().page === page} title={`g ${key}`}>
              {LABELS[page]}
            </Link>
          )}
        </For>
      </nav>
      <Show when={!computed()}>
        <Switches />
      </Show>
    </div>
  )
}

/** Window and kind: they filter what is stored. */
function Switches() {
  const { view, go } = useTerminal()
  return (
    <>
      <fieldset class="switch" aria-label="window">
        <For each={WINDOWS}>
          {(window, index) => (
            <button
              type="button"
              aria-pressed={view().window === window}
              title={`key ${index() + 1}`}
              onClick={() => go({ window })}
            >
              {window}
            </button>
          )}
        </For>
      </fieldset>
      <fieldset class="switch" aria-label="perps, loans or both; never summed">
        <For each={['perp', 'loan', 'both'] as const}>
          {(kind) => (
            <button type="button" aria-pressed={view().kind === kind} onClick={() => go({ kind })}>
              {kind === 'both' ? 'both' : `${kind}s`}
            </button>
          )}
        </For>
      </fieldset>
    </>
  )
}

function TimeMachine() {
  const { view, go } = useTerminal()
  const [open, setOpen] = createSignal(false)
  let dialog: HTMLDivElement | undefined
  const choose = (at: string | undefined) => {
    setOpen(false)
    go({ at })
  }
  const typed = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const day = String(form.get('day') ?? '')
    const time = String(form.get('time') ?? '')
    choose(day === '' ? undefined : time === '' ? day : `${day}T${time}Z`)
  }
  const leave = (event: FocusEvent) => {
    if (!dialog?.contains(event.relatedTarget as Node | null)) setOpen(false)
  }
  return (
    <div class="popover-home" ref={dialog} onFocusOut={leave}>
      <button
        type="button"
        class="tool at"
        aria-expanded={open()}
        title="time machine: show any past moment ( [ and ] step )"
        onClick={() => setOpen(!open())}
      >
        at: <strong>{view().at ?? 'now'}</strong> ▾
      </button>
      <Show when={open()}>
        <form class="popover" onSubmit={typed} onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}>
          <label>
            day (UTC) <input type="date" name="day" min="2009-01-03" value={view().at?.slice(0, 10) ?? ''} />
          </label>
          <label>
            time (UTC), none = the whole day <input type="time" name="time" value={view().at?.slice(11, 16) ?? ''} />
          </label>
          <div class="popover-row">
            <button type="submit">go there</button>
            <button type="button" onClick={() => choose(undefined)}>
              now
            </button>
          </div>
        </form>
      </Show>
    </div>
  )
}
