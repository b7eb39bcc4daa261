/** Loans at every door: the compiled program, HTTP and the question itself give the same data, byte for byte; bad words end with the codes they promise. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { givenBooks, healthAnswer, ladderAnswer, lendingQuestion, simulatedBooks } from '../analytics/index.ts'
import { buildApp } from '../api/app.ts'
import { canonical } from '../model/index.ts'
import { apiOptions } from './api-fixture.ts'
import { compiled, run } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-lending-'))
const ACCOUNTS = `account,collateral,collateralAmount,debt,debtAmount
A,ETH,100,USDC,100000
B,stETH,100,ETH,70
D,ETH,100,USDC,130000
`
const ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,80%,5%,
stETH,18,2000,80%,5%,ETH
USDC,6,1,80%,5%,
`
const [accounts, assets] = [join(folder, 'accounts.csv'), join(folder, 'assets.csv')]
writeFileSync(accounts, ACCOUNTS)
writeFileSync(assets, ASSETS)

const WORDS = { shock: 'only:ETH=-25%', limit: '7' }
const options = Object.entries(WORDS).flatMap(([word, value]) => [`--${word}`, value])

describe.skipIf(!compiled)('loans at every door', () => {
  it.each(['health', 'at-risk'] as const)('%s is the same', async (command) => {
    const ask = command === 'health' ? healthAnswer : ladderAnswer
    const route = `/v1/lending/${command === 'health' ? 'health' : 'ladder'}`
    const { app } = await buildApp((await apiOptions()).options)
    const simulated = canonical(ask(lendingQuestion(WORDS, simulatedBooks())))
    const own = canonical(ask(lendingQuestion(WORDS, givenBooks(ACCOUNTS, ASSETS, undefined))))
    const demo = await run(['lending', command, '--accounts', 'demo', ...options, '--json'])
    expect([demo.code, demo.stderr, demo.stdout]).toEqual([0, '', `${simulated}\n`])
    const file = await run(['lending', command, '--accounts', accounts, '--assets', assets, ...options, '--json'])
    expect([file.code, file.stderr, file.stdout]).toEqual([0, '', `${own}\n`])
    const got = await app.inject({ url: `${route}?${new URLSearchParams(WORDS)}` })
    expect(got.body.startsWith(`{"data":${simulated},`)).toBe(true)
    const payload = { accounts: ACCOUNTS, assets: ASSETS, ...WORDS }
    const posted = await app.inject({ method: 'POST', url: route, payload })
    expect(posted.body.startsWith(`{"data":${own},`)).toBe(true)
    await app.close()
  })
  it.each([
    [['--shock', 'ETH=-100%'], 2, 'bad-shock'],
    [['--shock', 'DOGE=-10%'], 2, 'unknown-asset'],
    [['--protocol', 'nothing'], 2, 'unknown-protocol'],
    [['--accounts', join(folder, 'absent.csv')], 2, 'bad-config'],
    [['--accounts', accounts], 2, 'unknown-asset'],
    [['--accounts', accounts, '--assets', accounts], 1, 'bad-file'],
    [['--rpc', 'http://127.0.0.1:1', '--account', '0x1'], 1, 'venue-unreachable'],
    [['--rpc', 'http://127.0.0.1:1', '--accounts', accounts], 2, 'bad-config'],
  ])('%j ends with %d, %s', async (more, code, word) => {
    const done = await run(['lending', 'health', ...more, '--json'])
    expect(done.code).toBe(code)
    expect(JSON.parse(done.stderr).error).toMatchObject({ code: word, fix: expect.stringMatching(/\S/) })
  })
  it('a table of rungs and the list of protocols are CSV', async () => {
    const ladder = await run(['lending', 'at-risk', '--csv', '--drops', '10,20'])
    expect(ladder.stdout.trim().split('\r\n')).toHaveLength(3)
    const protocols = await run(['lending', 'protocols', '--json'])
    expect(JSON.parse(protocols.stdout).map(({ id }: { id: string }) => id)).toContain('aave-v3.6')
  })
})
