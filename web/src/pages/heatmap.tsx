/** The heatmap: where liquidations stand by price and time, exact and estimated side by side, and what any price would reach. Nothing is asked of a server. */
import { createEffect, createMemo, createSignal, on, onCleanup, Show } from 'solid-js'
import { formatCount, formatNumber } from '../../../lib/analytics/index.ts'
import '../style/cascade.css'
import '../style/heatmap.css'
import { hashOf, nine } from '../data/cascade.ts'
import { createHeat, type Heat } from '../data/heatmap-asked.ts'
import type { HeatView } from '../data/heatmap-model.ts'
import type { HeatFacts } from '../data/heatmap-worker.ts'
import { createDraft } from '../state/draft.ts'
import { type HeatmapWords, heatmapAddress, heatmapWords, readHeatmap } from '../state/heatmap.ts'
import { plain } from '../state/position.ts'
import { coinPrice, moved } from '../ui/cascade-words.ts'
import { useTerminal } from '../ui/context.ts'
import { Copy } from '../ui/copy.tsx'
import { HeatMap } from '../ui/heatmap-canvas.tsx'
import { ClusterTable, HeatLegend, HeatmapForm, ModelCard, ReachWords, SourceToggles } from '../ui/heatmap-parts.tsx'
import { movedWindow, type Window, zoomPrice, zoomTime } from '../ui/heatmap-window.ts'
import { NumberField } from '../ui/position-form.tsx'
import { Panel } from '../ui/widget.tsx'

const OWN_KEY = 'breakwater-cascade-book'
/** How finely the map is cut, and how far from the price it reaches when nothing is said. */
const ROWS = 240
const COLUMNS = 180
const REACH = 0.28
/** The line stands here when nothing is said, a part of the price. */
const ASKED = 0.93
const NEAREST = 10

function createMap() {
  const { view, go } = useTerminal()
  const { words, change } = createDraft<HeatmapWords>(
    () => heatmapWords(view().own),
    (next) => view().page === 'heatmap' && go({ own: heatmapAddress(next) }, 'replace'),
  )
  const [text, setOwnText] = createSignal(read())
  const setText = (next: string) => {
    setOwnText(next)
    try {
      sessionStorage.setItem(OWN_KEY, next)
    } catch {
      // Storage is off or full: the list lasts as long as the page.
    }
  }
  const input = createMemo(() => readHeatmap(words()))
  const window = (facts: HeatFacts): Window => windowOf(facts, input().shown)
  const shown = (facts: HeatFacts) => facts.sources.flatMap((name, at) => (input().hidden.includes(name) ? [] : [at]))
  const price = (facts: HeatFacts) => input().price ?? facts.price * ASKED
  const heat = createHeat({
    ...{ words, text, price, shown, layer: () => input().layer },
    view: (facts): HeatView => {
      const part = window(facts)
      // Buckets of the estimate are a fifth of a percent wide: finer rows would be stripes.
      const finest = Math.max(8, Math.floor((part.high - part.low) / (input().terms.bucket * part.high * 1.05)))
      const rows = input().layer === 'estimate' ? Math.min(ROWS, finest) : ROWS
      return { ...part, rows, columns: Math.min(COLUMNS, facts.times.length), shown: shown(facts) }
    },
  })
  const setWindow = ({ low, high, from, to }: Window, done: boolean) => {
    const short = (value: number) => plain(Number(value.toPrecision(6)))
    change({ low: short(low), high: short(high), from: String(from), to: String(to) }, done)
  }
  const setPrice = (next: number, done: boolean) => change({ price: plain(Number(next.toPrecision(6))) }, done)
  const reset = () => change({ low: '', high: '', from: '', to: '' }, true)
  return { words, change, text, setText, input, heat, window, shown, price, setWindow, setPrice, reset }
}

type HeatMapState = ReturnType<typeof createMap>

function read(): string {
  try {
    return sessionStorage.getItem(OWN_KEY) ?? ''
  } catch {
    return ''
  }
}

/** The window that is told, as far as it makes sense; otherwise around the price and all of the time. */
function windowOf({ price, times }: HeatFacts, told: ReturnType<typeof readHeatmap>['shown']): Window {
  const [low, high] = [told.low ?? price * (1 - REACH), told.high ?? price * (1 + REACH)]
  const [from, to] = [Math.floor(told.from ?? 0), Math.floor(told.to ?? times.length)]
  const fits = low > 0 && high > low && high < price * 1_000
  const during = from >= 0 && to > from && to <= times.length
  return {
    ...(fits ? { low, high } : { low: price * (1 - REACH), high: price * (1 + REACH) }),
    ...(during ? { from, to } : { from: 0, to: times.length }),
  }
}

/** The page. */
export function HeatmapPage() {
  const { claim, announce } = useTerminal()
  claim(['simulated'])
  onCleanup(() => claim(undefined))
  const map = createMap()
  const facts = () => map.heat().facts
  createEffect(
    on(
      () => map.heat().reach,
      (reach) => reach && announce(spokenReach(map)),
      { defer: true },
    ),
  )
  return (
    <div class="stack">
      <Panel
        title="⊢ Where liquidations stand"
        chart="heatmap"
        busy={map.heat().opening}
        summary={summaryOf(map)}
        tools={<Zoom map={map} />}
      >
        <HeatmapForm
          words={map.words()}
          input={map.input()}
          change={map.change}
          text={map.text()}
          setText={map.setText}
        />
        <Show when={map.heat().problem}>
          {(problem) => (
            <p class="broken" role="alert">
              {problem()}
            </p>
          )}
        </Show>
        <Show when={facts()} fallback={<Waiting map={map} />}>
          {(known) => <Shown map={map} facts={known()} />}
        </Show>
      </Panel>
      <Beside map={map} />
    </div>
  )
}

/** What stands beside the map: the model's card, and the clusters nearest to the price. */
function Beside(props: { map: HeatMapState }) {
  return (
    <div class="columns">
      <Panel title="The estimate: what it assumes, and how far off it is">
        <ModelCard
          words={props.map.words()}
          input={props.map.input()}
          change={props.map.change}
          text={props.map.text()}
          setText={props.map.setText}
          facts={props.map.heat().facts}
        />
      </Panel>
      <Panel
        title="The ten nearest clusters"
        class="nearest-again"
        summary="Each one percent of the price wide; “up to there” is all that lies between the present price and its far end."
      >
        <Show when={props.map.heat().facts} fallback={<div class="skeleton" style={{ height: '264px' }} />}>
          {(known) => (
            <ClusterTable
              list={props.map.heat().list}
              facts={known()}
              most={NEAREST}
              onPrice={(price) => props.map.setPrice(price, true)}
            />
          )}
        </Show>
      </Panel>
    </div>
  )
}

/** The map or its table twin, with what belongs to both. */
function Shown(props: { map: HeatMapState; facts: HeatFacts }) {
  const { view } = useTerminal()
  const narrow = createNarrow()
  return (
    <>
      <SourceToggles
        facts={props.facts}
        hidden={props.map.input().hidden}
        onHidden={(hidden) => props.map.change({ hide: hidden.join(',') }, true)}
      />
      <Show
        when={!view().table.includes('heatmap') && !narrow()}
        fallback={
          <ClusterTable
            list={props.map.heat().list}
            facts={props.facts}
            most={view().table.includes('heatmap') ? 200 : NEAREST}
            onPrice={(price) => props.map.setPrice(price, true)}
          />
        }
      >
        <Picture map={props.map} facts={props.facts} />
      </Show>
      <ReachWords reach={props.map.heat().reach} facts={props.facts} />
      <PriceField map={props.map} facts={props.facts} />
      <Foot map={props.map} facts={props.facts} />
    </>
  )
}

/** True where there is no room for a map. */
function createNarrow(): () => boolean {
  const media = matchMedia('(max-width: 600px)')
  const [narrow, setNarrow] = createSignal(media.matches)
  const change = () => setNarrow(media.matches)
  media.addEventListener('change', change)
  onCleanup(() => media.removeEventListener('change', change))
  return narrow
}

function Waiting(props: { map: HeatMapState }) {
  return (
    <Show when={props.map.heat().opening}>
      <div class="skeleton heat-waiting">
        <span class="visually-hidden">loading</span>
      </div>
    </Show>
  )
}

function Picture(props: { map: HeatMapState; facts: HeatFacts }) {
  return (
    <Show when={props.map.heat().picture} fallback={<Waiting map={props.map} />}>
      {(picture) => (
        <div classList={{ outdated: props.map.heat().opening }}>
          <HeatLegend largest={picture().grid.largest} layer={picture().layer} />
          <HeatMap
            facts={props.facts}
            picture={picture()}
            window={props.map.window(props.facts)}
            reach={props.map.heat().reach}
            price={props.map.price(props.facts)}
            onPrice={props.map.setPrice}
            onWindow={props.map.setWindow}
            onReset={props.map.reset}
          />
        </div>
      )}
    </Show>
  )
}

/** Buttons for what wheel and keys do. */
function Zoom(props: { map: HeatMapState }) {
  const turn = (next: (shown: { window: Window; facts: HeatFacts }) => Window) => () => {
    const { facts } = props.map.heat()
    if (facts) props.map.setWindow(next({ facts, window: props.map.window(facts) }), true)
  }
  const middle = ({ window }: { window: Window }) => (window.low + window.high) / 2
  return (
    <div class="zoom">
      <button
        type="button"
        class="tool"
        aria-label="zoom in"
        title="+, or the wheel on the map"
        onClick={turn((at) => zoomPrice(at, 0.7, middle(at)))}
      >
        +
      </button>
      <button
        type="button"
        class="tool"
        aria-label="zoom out"
        title="−, or the wheel on the map"
        onClick={turn((at) => zoomPrice(at, 1.4, middle(at)))}
      >
        −
      </button>
      <button
        type="button"
        class="tool"
        aria-label="less time"
        title="Shift and →"
        onClick={turn((at) => zoomTime(at, 0.6))}
      >
        ⇥
      </button>
      <button
        type="button"
        class="tool"
        aria-label="more time"
        title="Shift and ←"
        onClick={turn((at) => zoomTime(at, 1.6))}
      >
        ⇤
      </button>
      <button
        type="button"
        class="tool"
        aria-label="earlier"
        title="←"
        onClick={turn((at) => movedWindow(at, -0.3, 0))}
      >
        ◀
      </button>
      <button type="button" class="tool" aria-label="later" title="→" onClick={turn((at) => movedWindow(at, 0.3, 0))}>
        ▶
      </button>
      <button type="button" class="tool" title="0" onClick={() => props.map.reset()}>
        all
      </button>
    </div>
  )
}

function PriceField(props: { map: HeatMapState; facts: HeatFacts }) {
  return (
    <div class="price-field">
      <NumberField
        name="price"
        label="If the price reaches"
        unit="$"
        word={plain(Number(props.map.price(props.facts).toPrecision(6)))}
        complaint={undefined}
        scale={{
          kind: 'linear',
          from: Math.round(props.facts.price * 0.5),
          to: Math.round(props.facts.price * 1.5),
          step: Math.max(1e-6, props.facts.price / 1_000),
        }}
        spoken={spokenReach(props.map)}
        onWord={(word, done) => props.map.change({ price: word }, done)}
      />
    </div>
  )
}

function spokenReach({ heat }: HeatMapState): string {
  const { reach, facts } = heat()
  if (!reach || !facts) return ''
  const side = reach.price < facts.price ? 'long' : 'short'
  return `At ${coinPrice(reach.price)}, ${moved(reach.price, facts.price)}, ${formatNumber(reach.exact[side], 4)} dollars of ${side}s would be liquidated.`
}

function summaryOf({ heat }: HeatMapState): string {
  const { facts, list } = heat()
  if (!facts) return 'Notional that would be liquidated, by price and time: longs ▼ below the price, shorts ▲ above it.'
  const largest = list.reduce<Heat['list'][number] | undefined>(
    (most, one) => (!most || one.usd > most.usd ? one : most),
    undefined,
  )
  const where = largest
    ? ` The largest percent holds $${formatNumber(Math.round(largest.usd), 4)} of ${largest.side}s at ${coinPrice(largest.from)} to ${coinPrice(largest.to)}.`
    : ''
  return `Price ${coinPrice(facts.price)}; ${formatCount(facts.standing)} positions stand. Longs ▼ (sold) below, shorts ▲ (bought back) above.${where}`
}

/** How it was made: seed, hash of the figures, times. */
function Foot(props: { map: HeatMapState; facts: HeatFacts }) {
  const hash = () => {
    const { price, standing, score } = props.facts
    const list = props.map.heat().list.map(({ side, from, usd, upTo }) => [side, nine(from), usd, upTo])
    const told = score && [score.massError, score.massRatio, score.rankCorrelation ?? 0].map((one) => one.toFixed(6))
    return hashOf({ price: nine(price), standing, list, told })
  }
  const ms = () => props.map.heat().picture?.ms
  return (
    <p class="command-line truth">
      <span>
        result <code data-testid="hash">{hash()}</code>
        <Show when={props.map.words().book === 'demo'}> · seed {props.map.words().seed}</Show>
      </span>
      <Copy text={() => location.href} label="copy address" />
      <Copy text={hash} label="copy hash" />
      <span class="label" data-testid="times">
        {formatCount(props.facts.positions)} positions in a worker, opened in {Math.round(props.map.heat().openMs)} ms
        <Show when={ms()}>
          {(took) => (
            <>
              ; {formatCount(props.facts.standing)} into 1,000 bins in {took().count.toFixed(2)} ms (
              {props.facts.wasm ? 'WebAssembly' : 'TypeScript'}), map {took().grid.toFixed(0)} ms
            </>
          )}
        </Show>
      </span>
    </p>
  )
}
