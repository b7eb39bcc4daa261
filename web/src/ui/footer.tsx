/** Where the figures come from: as-of, method, hash, and the command that gives them again. */
import { Show } from 'solid-js'
import { questionsPending } from '../data/answer.ts'
import { useTerminal } from './context.ts'
import { Copy } from './copy.tsx'

/** The foot of every screen. */
export function Footer() {
  const { perps, loans, view, program } = useTerminal()
  const told = () => (view().kind === 'loan' ? loans : perps).shown().answer?.provenance
  return (
    <footer class="foot">
      <Show when={told()} fallback={<span>…</span>}>
        {(provenance) => (
          <>
            <span>as of {provenance().asOf.slice(0, 19)}Z</span>
            <span>{provenance().method}</span>
            <span title={provenance().hash}>sha-256 {provenance().hash.slice(0, 12)}…</span>
            <span class="command">
              <code>{provenance().command}</code>
              <Copy text={() => provenance().command} label="copy" />
              <Copy
                text={() => `${location.href}\n${provenance().command}\nsha-256 ${provenance().hash}`}
                label="share"
              />
            </span>
          </>
        )}
      </Show>
      <span>
        <a href="/openapi.json">API</a> · breakwater {program.shown().answer?.data.version ?? ''}
      </span>
    </footer>
  )
}

/** A thin line at the top while answers are on their way. */
export function Progress() {
  return <div class="progress" classList={{ on: questionsPending() > 0 }} aria-hidden="true" />
}
