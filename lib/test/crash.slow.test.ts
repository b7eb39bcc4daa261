/** kill -9 in the middle of an import and of a live demo, ten times each: nothing acknowledged is lost, nothing is there twice. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { importFile } from '../cli/import.ts'
import { detect } from '../feed/index.ts'
import { prng } from '../model/index.ts'
import { memoryStore } from '../store/index.ts'
import { compiled, run, start, until } from './program.ts'

const KILLS = 10
/** The last line of the first stretch: a run whose first position lies beyond has gone on where another was killed. */
const FIRST_STRETCH = 6_000

describe.skipIf(!compiled)('killed in the middle', () => {
  it('an import loses nothing acknowledged and ends as if it had not been killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-kill-'))
    const file = join(folder, 'liquidations.csv')
    writeFileSync(file, tardisRows(120_000))
    const data = join(folder, 'data')
    const random = prng(Date.now())
    let acknowledged = 0
    let resumed = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const program = start(['import', file, '--data', data, '--verbose'])
      const stretches = 1 + random.int(2)
      await Promise.race([until(program, new RegExp(`(a stretch is stored[\\s\\S]*){${stretches}}`)), program.finished])
      await Promise.race([sleep(random.int(120)), program.finished])
      program.child.kill('SIGKILL')
      const { stderr } = await program.finished
      const positions = stderr
        .split('\n')
        .flatMap((line) =>
          line.includes('a stretch is stored') ? [Number((JSON.parse(line) as { position: string }).position)] : [],
        )
      if ((positions[0] ?? 0) > FIRST_STRETCH) resumed++
      acknowledged = Math.max(acknowledged, ...positions.map((position) => position - 1))
      const { stdout } = await run(['doctor', '--offline', '--data', data])
      const stored = Number(/ ([\d,]+) events/.exec(stdout)?.[1]?.replaceAll(',', '') ?? 0)
      expect(stored, `after kill ${kill + 1}`).toBeGreaterThanOrEqual(acknowledged)
    }
    expect(acknowledged).toBeGreaterThan(0)
    expect(resumed).toBeGreaterThan(0)
    await run(['import', file, '--data', data])
    const { stdout } = await run(['doctor', '--offline', '--hash', '--data', data])
    const whole = memoryStore()
    for (const task of (await detect(file)).tasks) await importFile(whole, task, false)
    expect(stdout).toContain(`120,000 events`)
    expect(stdout).toContain(`content hash ${await whole.contentHash()}`)
  })

  it('a live demo keeps every event that was shown, and its recording gives the same store', async () => {
    const data = mkdtempSync(join(tmpdir(), 'breakwater-kill-demo-'))
    const random = prng(Date.now() + 1)
    const shown = new Map<string, string>()
    for (let kill = 0; kill < KILLS; kill++) {
      const program = start(['up', '--demo', '--port', '0', '--data', data])
      const [, address] = await until(program, /terminal\s+(http:\/\/[\d.:]+)/)
      for (const [id, at] of shown) {
        if (random.next() > 50 / shown.size) continue
        const { status } = await fetch(`${address}/v1/liquidations/${id}`)
        expect(status, `event ${id} shown ${at}`).toBe(200)
      }
      await sleep(200 + random.next() * 1_500)
      const page = (await (await fetch(`${address}/v1/liquidations?window=48h&limit=500`)).json()) as {
        data: { events: { id: string }[] }
      }
      for (const { id } of page.data.events) shown.set(id, `before kill ${kill + 1}`)
      program.child.kill('SIGKILL')
      await program.finished
    }
    expect(shown.size).toBeGreaterThan(100)
    const last = start(['up', '--demo', '--port', '0', '--data', data, '--verbose'])
    await until(last, /the demo is live/)
    last.child.kill('SIGTERM')
    await last.finished
    const health = await run(['doctor', '--offline', '--demo', '--hash', '--data', data])
    const replayed = await run(['replay', '--demo', '--hash', '--data', data])
    const hash = /content hash (\w{64})/.exec(health.stdout)?.[1]
    expect(hash, health.stdout + health.stderr).toBeDefined()
    expect(replayed.stdout, replayed.stderr).toContain(`content hash ${hash}`)
    const kept = await run(['export', '--src', 'demo', '--data', data])
    const ids = kept.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { id: string }).id)
    const all = new Set(ids)
    expect(all.size).toBe(ids.length)
    expect([...shown.keys()].filter((id) => !all.has(id))).toEqual([])
  }, 300_000)
})

function tardisRows(count: number): string {
  const random = prng('rows')
  const rows = ['exchange,symbol,timestamp,local_timestamp,id,side,price,amount']
  for (let i = 0; i < count; i++) {
    const time = 1_700_000_000_000_000 + i * 250_000
    rows.push(
      `binance-futures,${random.pick(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'])},${time},${time + 90_000},${i},${random.pick(['buy', 'sell'])},${(random.next() * 1e5 + 1).toFixed(2)},${(random.next() * 10 + 0.001).toFixed(3)}`,
    )
  }
  return `${rows.join('\n')}\n`
}
