/** What-ifs at the program's door: the acceptance book, one answer on any number of workers and over HTTP, Ctrl-C, bad scenario files, files written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { fromWire } from '../model/index.ts'
import { apiOptions } from './api-fixture.ts'
import { compiled, run, start, until } from './program.ts'

const DOCS = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs/scenarios')
const ACCOUNTS = `account,collateral,collateralAmount,debt,debtAmount
A,ETH,100,USDC,100000
B,stETH,100,ETH,70
C,stETH,100,ETH,60
C,,,USDC,20000
D,ETH,100,USDC,130000
`
const ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,80%,5%,
stETH,18,2000,80%,5%,ETH
USDC,6,1,80%,5%,
`

let folder = ''
const at = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-cascade-'))
  writeFileSync(at('loans.csv'), ACCOUNTS)
  writeFileSync(at('assets.csv'), ASSETS)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const stress = (...words: string[]) =>
  run(['stress', '--book', at('loans.csv'), '--assets', at('assets.csv'), ...words])

describe.skipIf(!compiled)('breakwater stress', () => {
  it.each([
    ['market:ETH=-20%', ['D'], 'ETH and everything priced in it −20 %, debts in ETH too.'],
    ['market:ETH=-40%', ['A', 'D'], 'ETH and everything priced in it −40 %, debts in ETH too.'],
    ['only:ETH=-20%', ['B', 'C', 'D'], 'Only collateral priced in ETH −20 %; every debt keeps its price.'],
    ['depeg:stETH/ETH=-10%', [], 'stETH −10 % against ETH; ETH itself keeps its price.'],
    ['depeg:stETH/ETH=-15%', ['B', 'C'], 'stETH −15 % against ETH; ETH itself keeps its price.'],
  ])('%s breaks exactly %j, prints its sentence, and gives HTTP’s JSON', async (shock, broken, sentence) => {
    const [json, text] = [await stress('--shock', shock, '--json'), await stress('--shock', shock)]
    expect([json.code, text.code]).toEqual([0, 0])
    const data = JSON.parse(json.stdout)
    expect(data.strike.listed.map(({ account }: { account: string }) => account).sort()).toEqual(broken)
    expect(text.stdout).toContain(sentence)
    const { app } = await buildApp((await apiOptions()).options)
    const response = await app.inject({
      method: 'POST',
      url: '/v1/stress',
      payload: { accounts: ACCOUNTS, assets: ASSETS, shock },
    })
    expect(response.json().data).toEqual(data)
    await app.close()
  })

  it('compares two shocks with the ratio of their debts', async () => {
    const { stdout } = await stress('--shock', 'market:ETH=-20%', '--compare', 'only:ETH=-20%')
    expect(stdout).toContain('Only collateral priced in ETH −20 %; every debt keeps its price.')
    expect(stdout).toContain('ratio of the debts: 3.2×')
  })

  it('follows the same paths on one and on three workers; another seed follows others', async () => {
    const ask = async (...more: string[]) =>
      JSON.parse((await run(['stress', '--shock', 'ETH=-20%', '--paths', '2000', '--json', ...more])).stdout)
    const [one, three, other] = [await ask('--workers', '1'), await ask('--workers', '3'), await ask('--seed', '8')]
    expect(three).toEqual(one)
    expect(one.paths[0]).toMatchObject({ coin: 'ETH', paths: 2_000, partial: false, seed: '7' })
    expect(other.paths).not.toEqual(one.paths)
  })

  it('interrupted gives what it has, labelled, and ends with 130', async () => {
    const program = start(['stress', '--shock', 'ETH=-20%', '--paths', '5000000', '--json'])
    await until(program, /paths \d{3,} of 5000000/)
    program.child.kill('SIGINT')
    const { code, stdout } = await program.finished
    expect(code).toBe(130)
    const [paths] = JSON.parse(stdout).paths
    expect(paths).toMatchObject({ asked: 5_000_000, partial: true, kind: 'simulated' })
    expect(paths.paths).toBeGreaterThan(0)
    expect(paths.paths).toBeLessThan(5_000_000)
    // The same as a run that asked for so many in the first place.
    const again = await run(['stress', '--shock', 'ETH=-20%', '--paths', String(paths.paths), '--json'])
    if (paths.paths <= 200_000) expect(JSON.parse(again.stdout).paths[0].price).toEqual(paths.price)
  })

  it.each([
    [['--steps', '50000', '--step-seconds', '1'], /steps \d{3,} of 50000/, 'PARTIAL: interrupted after '],
    [['--solve', 'ETH.LT', '--max-bad-debt', '1M'], /values \d+ of/, 'PARTIAL: interrupted after '],
    [
      ['--grid', `depth=${Array.from({ length: 400 }, (_, at) => at + 1).join(',')}`],
      /what-ifs [1-9]\d* of 400/,
      'of 400 points',
    ],
  ])('interrupted in the middle of %# gives what it has, labelled, and ends with 130', async (words, when, label) => {
    const program = start(['stress', '--shock', 'ETH=-25%', '--cascade', '--limit', '0', ...words])
    await until(program, when)
    program.child.kill('SIGINT')
    const { code, stdout } = await program.finished
    expect(code).toBe(130)
    expect(stdout).toContain(label)
  })

  it('previews a changed threshold and solves for one, and HTTP gives the same', async () => {
    const words = { shock: 'ETH=-20%', set: 'ETH.LT=81.25%', diff: 'true', solve: 'LT', until: 'accounts<=0' }
    const asked = ['--shock', words.shock, '--set', words.set, '--diff', '--solve', words.solve, '--until', words.until]
    const [json, text] = [await stress(...asked, '--json'), await stress(...asked)]
    expect(text.stdout).toContain('changed: ETH.LT of aave-v3 80 % → 81.25 %')
    expect(text.stdout).toMatch(/breaks only before: 1 loan, debt \$130\.0 k: D/)
    expect(text.stdout).toContain('holds up to 81.25 % (accounts 0), not from 81.24 % on (accounts 1)')
    const { app } = await buildApp((await apiOptions()).options)
    const response = await app.inject({
      ...{ method: 'POST', url: '/v1/stress' },
      payload: { accounts: ACCOUNTS, assets: ASSETS, ...words },
    })
    expect(response.json().data).toEqual(JSON.parse(json.stdout))
    expect(response.json().provenance.command).toContain("--diff --solve LT --until 'accounts<=0'")
    await app.close()
  })

  it('writes CSV, Parquet and a picture of a cascade, and the table of a grid', async () => {
    const words = [
      'stress',
      '--shock',
      'ETH=-25%',
      '--cascade',
      '--depth',
      '20M',
      '--parquet',
      at('parts.parquet'),
      '--svg',
      at('x.svg'),
      '--csv',
    ]
    const { code, stdout } = await run(words)
    expect(code).toBe(0)
    const [head, ...rows] = stdout.trim().split('\r\n')
    expect(head).toMatch(/^part,accounts,collateral,debt,notCovered,after_/)
    expect(rows).toHaveLength(3)
    const bytes = readFileSync(at('parts.parquet'))
    const table = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    })
    expect(table.map((row) => (row as { part: string }).part)).toEqual(['aave-v3', 'compound-v3', 'morpho-blue'])
    const svg = readFileSync(at('x.svg'), 'utf8')
    expect(svg).toContain('breakwater stress --shock ETH=-25% --cascade')
    expect(svg).toContain('Σ = 0.00')
    const grid = await run([
      'stress',
      '--shock',
      'ETH=-25%',
      '--grid',
      'depth=0.5,2',
      'halfLife=600,3600',
      '--steps',
      '20',
      '--json',
    ])
    const found = JSON.parse(grid.stdout)
    expect(found.rows.map(({ depth, halfLife }: Record<string, number>) => [depth, halfLife])).toEqual([
      [0.5, 600],
      [0.5, 3600],
      [2, 600],
      [2, 3600],
    ])
    expect(found.rows[0].overshoot).toBeLessThan(found.rows[2].overshoot)
  })

  it('shocks a scenario, and refuses words that are none with exit code 2', async () => {
    const { code, stdout } = await run([
      'stress',
      '--scenario',
      join(DOCS, 'dai-squeeze.json'),
      '--shock',
      'ETH=-40%',
      '--set',
      'depth=0.5',
      '--json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ book: 'scenario', finished: true })
    for (const words of [
      ['--shock', 'ETH'],
      ['--shock', 'ETH=-20%', '--depth', 'deep'],
      ['--shock', 'NOPE=-20%'],
    ])
      expect([words, (await run(['stress', ...words])).code]).toEqual([words, 2])
  })
})

describe.skipIf(!compiled)('breakwater simulate', () => {
  it('keeps a run under its hash: the same run, the same bytes; its events are simulated and can be read again', async () => {
    const ask = (out: string) => run(['simulate', join(DOCS, 'dai-squeeze.json'), '--out', at(out), '--json'])
    const [first, second] = [await ask('one'), await ask('two')]
    expect([first.code, second.code]).toEqual([0, 0])
    const [one, two] = [JSON.parse(first.stdout), JSON.parse(second.stdout)]
    expect(one.hash).toBe(two.hash)
    expect(readdirSync(at('one'))).toEqual([one.hash])
    for (const file of ['summary.json', 'events.ndjson', 'steps.csv'])
      expect(readFileSync(join(at('one'), one.hash, file), 'utf8')).toBe(
        readFileSync(join(at('two'), two.hash, file), 'utf8'),
      )
    const events = readFileSync(join(at('one'), one.hash, 'events.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map(fromWire)
    expect(events.length).toBeGreaterThan(100)
    expect(new Set(events.map(({ source }) => source))).toEqual(new Set(['simulated']))
    expect(new Set(events.map(({ venue }) => venue))).toEqual(new Set(['sim:vaults', 'sim:staked']))
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    const imported = await run([
      'import',
      join(at('one'), one.hash, 'events.ndjson'),
      '--store',
      'memory',
      '--data',
      at('data'),
      '--json',
    ])
    expect(imported.code, imported.stderr).toBe(0)
  })

  it('says everything that is wrong with a file at once, each with its place', async () => {
    const bad = JSON.parse(readFileSync(join(DOCS, 'eth-crash.json'), 'utf8'))
    bad.rooms[0].mechanism = 'aave-v9'
    bad.assets.ETH.market.impact.usd = -1
    bad.assets.ETH.path = { kind: 'list', prices: [2000, null] }
    bad.oracles.chainlink.faults[0].duration = 0
    writeFileSync(at('bad.json'), JSON.stringify(bad))
    const { code, stderr } = await run(['simulate', at('bad.json')])
    expect(code).toBe(2)
    for (const place of [
      'rooms[0].mechanism',
      'assets.ETH.market.impact.usd',
      'assets.ETH.path.prices[1]',
      'oracles.chainlink.faults[0].duration',
    ])
      expect(stderr).toContain(place)
    expect(stderr).toContain('aave-v3, bamm, bob')
  })

  it('interrupted keeps the steps so far under a name that says so', async () => {
    const long = JSON.parse(readFileSync(join(DOCS, 'eth-crash.json'), 'utf8'))
    writeFileSync(at('long.json'), JSON.stringify({ ...long, steps: 100_000 }))
    const program = start(['simulate', at('long.json'), '--out', at('long'), '--json'])
    await until(program, /steps \d+ of 100000/)
    program.child.kill('SIGINT')
    const { code, stdout } = await program.finished
    expect(code).toBe(130)
    const { finished, steps, hash } = JSON.parse(stdout)
    expect(finished).toBe(false)
    expect(steps).toBeLessThan(100_000)
    expect(readdirSync(at('long'))).toEqual([`${hash}-partial`])
  })
})
