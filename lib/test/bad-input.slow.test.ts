/** What the world gets wrong: each gets a clear error that says what to do, an exit code, and loses nothing. */
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compiled, run, start, until } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-bad-'))
let files = 0
const file = (content: string, name = 'input.csv') => {
  const path = join(folder, `${files++}-${name}`)
  writeFileSync(path, content)
  return path
}
/** The smallest market: one coin that stands still, one loan. */
const SMALL = JSON.stringify({
  ...{ name: 'small', seed: 1, start: 1_700_000_000, steps: 2, stepSeconds: 60 },
  assets: { ETH: { price: 2_000, market: { impact: { kind: 'none' } } } },
  oracles: { spot: { kind: 'spot' } },
  rooms: [
    {
      ...{ name: 'loans', mechanism: 'aave-v3', collateral: 'ETH', oracle: 'spot' },
      book: { kind: 'borrowers', borrowers: [{ id: 'a', coins: 100, debt: 100_000 }] },
    },
  ],
})
const fresh = () => mkdtempSync(join(tmpdir(), 'breakwater-bad-data-'))

describe.skipIf(!compiled)('bad input', () => {
  it('a CSV with missing columns names them and those it has', async () => {
    const path = file(
      'exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n'.replace(',amount', ''),
      'x.csv',
    )
    const { code, stderr } = await run(['import', path, '--as', 'tardis', '--data', fresh()])
    expect(stderr).toMatch(/lacks the column amount; it has exchange, symbol/)
    expect(code).toBe(1)
  })
  it.each([
    [
      ['lending', 'health', '--rpc', 'nonsense', '--account', `0x${'1'.repeat(40)}`],
      2,
      /no address of a node.*\n.*https:\/\/HOST\/KEY/,
    ],
    [['stress', '--shok', 'ETH=-20%'], 2, /Did you mean --shock/],
    [['perp', 'explain', '--venu', 'binance'], 2, /no option '--venu'; did you mean --venue/],
    [['lending', 'at-risk', '--json', '--csv'], 2, /two forms of one answer/],
    [['stress', '--shock', 'ETH=-20%', '--set', 'WETH.LT=81%'], 2, /did you mean ETH.LT/],
    [['stress', '--shock', '1999-01-01'], 2, /2020-03-12/],
    [['simulate', join(folder, 'small.json'), '--out', '/proc/x/y'], 2, /\/proc\/x\/y cannot be written/],
  ])('%j is refused, and says what to write', async (words, code, says) => {
    writeFileSync(join(folder, 'small.json'), SMALL)
    const finished = await run(words)
    expect([finished.code, finished.stderr]).toEqual([code, expect.stringMatching(says)])
    expect(finished.stderr).not.toContain('    at ')
  })
  it('a file that nobody knows lists the importers', async () => {
    const { code, stderr } = await run(['import', file('hello,world\n1,2\n'), '--data', fresh()])
    expect(stderr).toMatch(/no importer knows .*\n.*--as \(aave-v2, .*--map/)
    expect(code).toBe(2)
  })
  it('a line of 2 GB is refused, counted and kept by its beginning; the lines around it are imported', async () => {
    const rows = (id: number) =>
      `binance-futures,BTCUSDT,170000000000${id}000,170000000000${id}000,${id},buy,30000,0.5\n`
    const path = file(`exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n${rows(1)}`, 'huge.csv')
    // A hole reads as zeros: one line of 2 GB without taking the disk.
    truncateSync(path, 2 * 1024 ** 3)
    const data = fresh()
    const { code, stdout } = await run(['import', path, '--json', '--data', data])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ files: [{ events: 1, stored: 1, rejected: 1 }] })
    const kept = await run(['coverage', '--rejected', '--json', '--data', data])
    expect(JSON.parse(kept.stdout).newest[0].reason).toMatch(/line-too-long: 21474\d+ bytes/)
  }, 120_000)
  it('broken rows are kept with their reasons, absurd numbers and times among them', async () => {
    const header = 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount'
    const bad = [
      'binance-futures,BTCUSDT,99999999999999999999,1,1,buy,1,1',
      'binance-futures,BTCUSDT,1700000000000000,1,2,buy,1e999,1',
      'binance-futures,BTCUSDT,1700000000000000,1,3,sideways,1,1',
      'garbage',
    ]
    const data = fresh()
    const { stdout } = await run([
      'import',
      file([header, ...bad].join('\n')),
      '--as',
      'tardis',
      '--json',
      '--data',
      data,
    ])
    expect(JSON.parse(stdout).files[0]).toMatchObject({ events: 0, rejected: bad.length })
    const kept = JSON.parse((await run(['coverage', '--rejected', '--json', '--data', data])).stdout)
    expect(kept.newest.map((record: { raw: string }) => record.raw).sort()).toEqual([...bad].sort())
  })
  it('words that mean nothing are usage errors that list what does', async () => {
    const data = fresh()
    for (const [args, says] of [
      [['totals', '--at', 'yesterday'], /'yesterday' is no time/],
      [['totals', '--at', '2021-02-31'], /is no time/],
      [['totals', '--window', '5 parsecs'], /no length of time[\s\S]*24h/],
      [['totals', '--by', 'colour'], /by 'colour' is none[\s\S]*venue, protocol/],
      [['totals', '--colour', 'blue'], /unknown option/],
      [['up', '--venues', 'nowhere', '--port', '0'], /no venue 'nowhere'[\s\S]*binance-um/],
      [['up', '--host', '0.0.0.0', '--port', '0', '--demo'], /token/],
    ] as const) {
      const { code, stderr } = await run([...args, '--data', data])
      expect(stderr, args.join(' ')).toMatch(says)
      expect(code, args.join(' ')).toBe(2)
    }
  }, 120_000)
  it('a port in use, a locked data directory: each says by whom and what to do; readers ask the owner instead', async () => {
    const data = fresh()
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const refused = await run(['up', '--demo', '--port', String(port), '--data', data])
    taken.close()
    expect(refused.stderr).toMatch(/port \d+ of 127.0.0.1 is in use \(port-in-use\)\n.*--port N/)
    expect(refused.code).toBe(1)
    const owner = start(['up', '--demo', '--port', '0', '--data', data])
    await until(owner, /terminal\s+http/)
    const second = await run(['up', '--demo', '--port', '0', '--data', data])
    expect(second.stderr).toMatch(/belongs to process \d+ \(data-directory-locked\)/)
    const reader = await run(['totals', '--src', 'demo', '--json', '--data', data])
    expect(JSON.parse(reader.stdout).provenance.sources).toEqual(['simulated'])
    owner.child.kill('SIGTERM')
    expect((await owner.finished).code).toBe(0)
  }, 120_000)
  it('an unreachable ClickHouse is named with its address', async () => {
    const { code, stderr } = await run(['totals', '--clickhouse', 'http://127.0.0.1:9', '--data', fresh()])
    expect(stderr).toMatch(/127\.0\.0\.1:9[\s\S]*store-unreachable/)
    expect(code).toBe(1)
  }, 60_000)
})
