/** Plays the rounds of a cascade: forward, back, and by itself where motion is wanted. */
import { createSignal, onCleanup, onMount, Show } from 'solid-js'

/** Time between two rounds, ms: within four changes a second. */
const STEP_MS = 420

/** A player over so many rounds. `told` is the address's round; `tell` writes one there, undefined for the last. */
export function createPlayer(
  rounds: () => number,
  told: () => number | undefined,
  tell: (round: number | undefined) => void,
) {
  const [playing, setPlaying] = createSignal<number>()
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  let timer: ReturnType<typeof setInterval> | undefined
  const rest = () => {
    clearInterval(timer)
    timer = undefined
    setPlaying(undefined)
  }
  const round = () => Math.min(rounds(), playing() ?? told() ?? rounds())
  const show = (next: number) => {
    rest()
    const kept = Math.max(0, Math.min(rounds(), next))
    tell(kept === rounds() ? undefined : kept)
  }
  const replay = () => {
    rest()
    if (still || rounds() === 0) return
    tell(undefined)
    setPlaying(0)
    timer = setInterval(() => {
      const next = (playing() ?? 0) + 1
      if (next > rounds()) rest()
      else setPlaying(next)
    }, STEP_MS)
  }
  const toggle = () => {
    if (still) show(round() >= rounds() ? 0 : round() + 1)
    else if (playing() === undefined) replay()
    else {
      const at = round()
      show(at)
    }
  }
  onCleanup(rest)
  listenForSpace(toggle)
  return { round, rounds, show, replay, rest, toggle, still, running: () => playing() !== undefined }
}

/** See {@link createPlayer}. */
export type Player = ReturnType<typeof createPlayer>

/** Space plays from anywhere on the page where it does nothing else. */
function listenForSpace(toggle: () => void): void {
  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement
    if (event.key !== ' ' || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]') || target.closest('button, a, input, textarea, select, summary')) return
    event.preventDefault()
    toggle()
  }
  onMount(() => addEventListener('keydown', onKey))
  onCleanup(() => removeEventListener('keydown', onKey))
}

/** ◀, play, ▶ and where it stands. */
export function PlayerButtons(props: { player: Player }) {
  const { player } = props
  return (
    <div class="player">
      <button
        type="button"
        aria-label="one round back"
        disabled={player.round() === 0}
        onClick={() => player.show(player.round() - 1)}
      >
        ◀
      </button>
      <button type="button" title="space" onClick={() => player.toggle()}>
        {player.still ? 'step' : player.running() ? 'pause' : 'play'}
      </button>
      <button
        type="button"
        aria-label="one round on"
        disabled={player.round() === player.rounds()}
        onClick={() => player.show(player.round() + 1)}
      >
        ▶
      </button>
      <span class="fig" data-testid="round">
        round {player.round()} of {player.rounds()}
      </span>
      <Show when={player.still}>
        <span class="label">motion is off: in steps</span>
      </Show>
    </div>
  )
}
