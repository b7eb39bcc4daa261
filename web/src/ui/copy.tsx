/** Copies a text and says that it did. */
import { createSignal, onCleanup } from 'solid-js'

/** A button that copies. */
export function Copy(props: { text: () => string; label: string }) {
  const [done, setDone] = createSignal<'' | 'copied' | 'not allowed'>('')
  let timer: ReturnType<typeof setTimeout> | undefined
  onCleanup(() => clearTimeout(timer))
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text())
      setDone('copied')
    } catch {
      // The browser says no where the page is not served securely.
      setDone('not allowed')
    }
    timer = setTimeout(() => setDone(''), 1_500)
  }
  return (
    <button type="button" class="tool" onClick={() => void copy()}>
      {done() || props.label}
    </button>
  )
}
