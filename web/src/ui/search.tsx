/** The one line that searches and filters, with suggestions; the filter in force stands behind it, word by word. */
import { createMemo, createSignal, createUniqueId, For, Show } from 'solid-js'
import { formatUsd } from '../../../lib/analytics/index.ts'
import { chipsOf, narrowed, parseLine } from '../state/grammar.ts'
import { PAGES } from '../state/view.ts'
import { useTerminal } from './context.ts'

type Suggestion = { readonly line: string; readonly says: string }

const EXAMPLES: readonly Suggestion[] = [
  { line: 'coin:ETH', says: 'one coin' },
  { line: '>100k', says: 'at least $100 k' },
  { line: 'side:long', says: 'longs that were sold' },
  { line: 'kind:loan', says: 'loans only' },
  { line: '7d', says: 'another window' },
]

/** The search box. Enter applies; what is not understood is said. */
export function SearchBox() {
  const { view, go, heard, nameOf } = useTerminal()
  const [line, setLine] = createSignal('')
  const [open, setOpen] = createSignal(false)
  const [chosen, setChosen] = createSignal(-1)
  const [complaint, setComplaint] = createSignal('')
  const list = createUniqueId()
  const suggestions = createMemo(() => suggest(line(), heard(), nameOf))

  const apply = (text: string) => {
    const { patch, unknown } = parseLine(text, heard())
    if (unknown.length > 0)
      return setComplaint(`not understood: ${unknown.join(' ')}. Write coin:ETH >100k side:long venue:bybit kind:loan`)
    setComplaint('')
    setLine('')
    setOpen(false)
    go(narrowed(view(), patch))
    return undefined
  }
  const onKey = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    const count = suggestions().length
    if (event.key === 'ArrowDown' && count > 0) setChosen((chosen() + 1) % count)
    else if (event.key === 'ArrowUp' && count > 0) setChosen((chosen() + count - 1) % count)
    else if (event.key === 'Escape') leave(event.currentTarget)
    else return
    event.preventDefault()
  }
  const leave = (box: HTMLInputElement) => {
    typed('')
    setOpen(false)
    setComplaint('')
    box.blur()
  }
  const typed = (text: string) => {
    setLine(text)
    setChosen(-1)
    setOpen(true)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const text = suggestions()[chosen()]?.line ?? line()
    if (text.trim() !== '') apply(text)
  }
  return (
    <search class="search">
      <form onSubmit={submit}>
        <input
          id="search"
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck={false}
          aria-label="search and filter"
          aria-expanded={open() && suggestions().length > 0}
          aria-controls={list}
          aria-activedescendant={chosen() >= 0 ? `${list}-${chosen()}` : undefined}
          placeholder="/  BTC, 0x…, venue, coin:ETH >100k side:long"
          value={line()}
          onInput={(event) => typed(event.currentTarget.value)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKey}
        />
      </form>
      <Suggestions id={list} open={open()} list={suggestions()} chosen={chosen()} onPick={apply} />
      <Complaint text={complaint()} />
    </search>
  )
}

function Complaint(props: { text: string }) {
  return (
    <Show when={props.text}>
      <p class="complaint" role="alert">
        {props.text}
      </p>
    </Show>
  )
}

type SuggestionsProps = {
  readonly id: string
  readonly open: boolean
  readonly list: readonly Suggestion[]
  readonly chosen: number
  readonly onPick: (line: string) => void
}

/** The focus stays in the box: its keys choose, a click picks. */
function Suggestions(props: SuggestionsProps) {
  return (
    <div
      id={props.id}
      class="suggestions"
      role="listbox"
      aria-label="suggestions"
      hidden={!props.open || props.list.length === 0}
    >
      <For each={props.list}>
        {(suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above holds the focus and its keys choose
          <div
            id={`${props.id}-${index()}`}
            class="suggestion"
            role="option"
            tabIndex={-1}
            aria-selected={props.chosen === index()}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => props.onPick(suggestion.line)}
          >
            <code>{suggestion.line}</code> <span class="label">{suggestion.says}</span>
          </div>
        )}
      </For>
    </div>
  )
}

/** The filter in force; each word can be taken away. */
export function Chips() {
  const { view, go } = useTerminal()
  return (
    <Show when={chipsOf(view()).length > 0}>
      <div class="chips">
        <span class="label">filter</span>
        <For each={chipsOf(view())}>
          {(chip) => (
            <button type="button" class="chip" aria-label={`remove ${chip.text}`} onClick={() => go(chip.without)}>
              {chip.text} <span aria-hidden="true">×</span>
            </button>
          )}
        </For>
      </div>
    </Show>
  )
}

function suggest(line: string, venues: readonly string[], nameOf: (id: string) => string): readonly Suggestion[] {
  const words = line.split(/\s+/)
  const word = (words.at(-1) ?? '').toLowerCase()
  const before = words.slice(0, -1).join(' ')
  if (word === '') return before === '' ? EXAMPLES : []
  const found: Suggestion[] = []
  const put = (text: string, says: string) => found.push({ line: `${before} ${text}`.trim(), says })
  const { patch, unknown } = parseLine(word, venues)
  if (unknown.length === 0) {
    if (patch.coin) put(`coin:${patch.coin.join(',')}`, 'coin or collateral')
    if (patch.minUsd !== undefined) put(word, `at least ${formatUsd(patch.minUsd)}`)
    if (patch.account) put(word, 'account')
    if (patch.at) put(word, 'time machine')
  }
  for (const id of venues)
    if (id.includes(word) || nameOf(id).toLowerCase().includes(word)) put(`venue:${id}`, nameOf(id))
  for (const page of Object.keys(PAGES)) if (page.startsWith(word)) put(page, 'page')
  return found.slice(0, 8)
}
