/** Which loans: simulated ones, or a table of one's own, which never leaves the browser. */
import { createSignal, createUniqueId, For, Show } from 'solid-js'
import type { LendingSource } from '../../../lib/analytics/index.ts'
import type { OwnTable } from '../data/lending.ts'
import type { LendingWords } from '../state/lending.ts'
import type { LendingChange } from './lending-form.tsx'

type FileProps = {
  readonly words: LendingWords
  readonly source: LendingSource | undefined
  readonly table: OwnTable | undefined
  readonly change: LendingChange
  readonly give: (table: OwnTable | undefined) => void
}

const EXAMPLE = `account,collateral,collateralAmount,debt,debtAmount
A,ETH,100,USDC,100000
B,stETH,100,ETH,70
C,stETH,100,ETH,60
C,,,USDC,20000
D,ETH,100,USDC,130000`
const EXAMPLE_ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,80%,5%,
stETH,18,2000,80%,5%,ETH
USDC,6,1,80%,5%,`

/** What is looked at, and the way to something else. */
export function Loans(props: FileProps) {
  const mine = () => props.words.accounts !== 'demo'
  return (
    <>
      <fieldset class="switch" aria-label="which loans">
        <button
          type="button"
          aria-pressed={!mine()}
          onClick={() => props.change({ accounts: 'demo', protocol: '', rows: '1', account: '' }, true)}
        >
          simulated
        </button>
        <button
          type="button"
          aria-pressed={mine()}
          onClick={() => props.change({ accounts: 'mine', protocol: '', rows: '1', account: '' }, true)}
        >
          my table
        </button>
      </fieldset>
      <Show when={props.source}>
        {(source) => (
          <p class="summary" data-testid="loans-source">
            <Show when={source().kind === 'simulated'}>
              <strong class="warn">SIM ⊢ </strong>
            </Show>
            {source().says}
          </p>
        )}
      </Show>
      <Show when={mine()}>
        <Own {...props} />
      </Show>
      <Show when={(props.source?.refused.length ?? 0) > 0 && props.source}>
        {(source) => <Refused source={source()} />}
      </Show>
    </>
  )
}

function Own(props: FileProps) {
  const fileId = createUniqueId()
  const [accounts, setAccounts] = createSignal(props.table?.accounts ?? '')
  const [assets, setAssets] = createSignal(props.table?.assets ?? '')
  const [name, setName] = createSignal(props.table?.name ?? 'pasted')
  const give = () => props.give({ name: name(), accounts: accounts(), assets: assets() })
  const open = async (file: File | undefined) => {
    if (!file) return
    const text = await file.text()
    // A file of assets beside the accounts is told by its first column.
    if (/^\uFEFF?\s*(\[\s*\{\s*"asset"|asset\b)/.test(text)) setAssets(text)
    else {
      setName(file.name)
      setAccounts(text)
    }
    if (accounts() !== '') give()
  }
  return (
    <details class="own-table" open={props.table === undefined}>
      <summary>{props.table ? `${props.table.name}: change it` : 'open a table of loans'}</summary>
      <p class="label">
        CSV or JSON; columns in <code>docs/lending-accounts.md</code>. It stays in this browser: no server sees it.
      </p>
      <label for={fileId}>Files (accounts, and assets if they are apart)</label>
      <input
        id={fileId}
        type="file"
        multiple
        accept=".csv,.json,.txt"
        onChange={async (event) => {
          for (const file of event.currentTarget.files ?? []) await open(file)
        }}
      />
      <Field label="Accounts" name="accounts" rows={6} placeholder={EXAMPLE} value={accounts()} onText={setAccounts} />
      <Field label="Assets" name="assets" rows={4} placeholder={EXAMPLE_ASSETS} value={assets()} onText={setAssets} />
      <div class="buttons">
        <button type="button" disabled={accounts().trim() === ''} onClick={give}>
          look at it
        </button>
        <button
          type="button"
          onClick={() => {
            setAccounts(EXAMPLE)
            setAssets(EXAMPLE_ASSETS)
            setName('example')
            give()
          }}
        >
          four loans as an example
        </button>
        <Show when={props.table}>
          <button type="button" onClick={() => props.give(undefined)}>
            forget it
          </button>
        </Show>
      </div>
    </details>
  )
}

function Field(props: {
  readonly label: string
  readonly name: string
  readonly rows: number
  readonly placeholder: string
  readonly value: string
  readonly onText: (text: string) => void
}) {
  const id = createUniqueId()
  return (
    <>
      <label for={id}>{props.label}</label>
      <textarea
        id={id}
        name={props.name}
        rows={props.rows}
        spellcheck={false}
        placeholder={props.placeholder}
        value={props.value}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
    </>
  )
}

function Refused(props: { source: LendingSource }) {
  return (
    <details class="refused">
      <summary class="warn">{props.source.refused.length} rows refused</summary>
      <ul class="notes">
        <For each={props.source.refused.slice(0, 20)}>
          {({ line, problems }) => (
            <li>
              line {line}: {problems.map(({ message, code }) => `${message} (${code})`).join('; ')}
            </li>
          )}
        </For>
      </ul>
    </details>
  )
}
