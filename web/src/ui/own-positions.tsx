/** Positions or loans of one's own: a pasted list or a chosen file. Neither leaves the browser. */
import { createUniqueId, type JSX } from 'solid-js'

type Props = {
  readonly text: string
  readonly setText: (text: string) => void
  readonly rows: number
  /** What may be pasted, and what follows from it. */
  readonly children: JSX.Element
}

/** The fields. */
export function OwnPositions(props: Props) {
  const id = createUniqueId()
  const choose = async (input: HTMLInputElement) => {
    const [file] = input.files ?? []
    if (file) props.setText(await file.text())
  }
  return (
    <div class="own-book">
      <label for={id}>Positions or loans</label>
      <textarea
        id={id}
        name="positions"
        rows={props.rows}
        spellcheck={false}
        value={props.text}
        placeholder={'account,coin,side,size,entry,leverage\n0xabc,BTC,long,1.5,91000,10'}
        onChange={(event) => props.setText(event.currentTarget.value)}
      />
      <input
        type="file"
        aria-label="file of positions"
        accept=".csv,.json,.txt,text/plain,text/csv,application/json"
        onChange={(event) => void choose(event.currentTarget)}
      />
      {props.children}
    </div>
  )
}
