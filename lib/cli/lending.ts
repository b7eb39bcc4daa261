/** `breakwater lending`: how safe loans are, what a shock makes liquidatable, and what a liquidator would make of it. */
import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import {
  givenBooks,
  healthAnswer,
  LENDING_PROTOCOLS,
  type LendingBooks,
  type LendingParams,
  LOAN_COLUMNS,
  ladderAnswer,
  lendingQuestion,
  PROTOCOL_COLUMNS,
  RUNG_COLUMNS,
  simulatedBooks,
} from '../analytics/index.ts'
import { csvHead, csvRows, withoutHistory } from '../api/index.ts'
import { breakwaterError } from '../model/index.ts'
import { type ChainOptions, chainBooks } from './lending-chain.ts'
import { healthLines, ladderLines, protocolLines } from './lending-lines.ts'
import { addLendingOracle } from './lending-oracle.ts'
import { printJson, printLines } from './print.ts'

type LendingOptions = Omit<LendingParams, 'price' | 'json' | 'csv' | 'viable'> &
  ChainOptions & {
    readonly viable?: true
    readonly json?: true
    readonly csv?: true
    readonly accounts?: string
    readonly assets?: string
  }

/** Words that the question reads; the rest says where loans come from and how to print. */
const WORDS = [
  ...(['protocol', 'shock', 'compare', 'drops', 'account', 'limit', 'slippage', 'flash', 'gas', 'viable'] as const),
]
/** A larger table is refused before it is read. */
const MOST_BYTES = 64 * 1024 * 1024

function withLoans(command: Command): Command {
  return command
    .option('--accounts <file>', 'a table of loans, CSV or JSON (docs/lending-accounts.md), or `demo`: simulated loans')
    .option('--assets <file>', 'the table of their assets, when it is a file of its own')
    .option('--seed <seed>', 'of the simulated loans')
    .option(
      '--protocol <id>',
      'only its loans, and the rules of rows that name none: see `breakwater lending protocols`',
    )
    .option('--rpc <url>', 'read the loans from a chain instead of a file')
    .option('--block <n>', 'at this block; the latest when left out')
    .option('--market <address>', 'pool of Aave, Comet, or ids of Morpho’s markets; Ethereum’s own when left out')
    .option('--from-block <n>', 'every borrower since this block; or name accounts with --account')
    .option('--price <pairs...>', 'dollars of assets that the market’s oracles do not price: WETH=3000')
    .option(
      '--shock <shock>',
      'market:ETH=-20%, only:ETH=-20%, depeg:stETH/ETH=-5%, feed:NAME=-5%; ETH=-20% is the market; or of history: 2021-05-19/ETH',
    )
    .option('--limit <n>', 'how many loans to list')
    .option('--json', 'canonical JSON')
    .option('--csv', 'CSV')
}

/** Adds the commands. */
export function addLending(program: Command): void {
  const lending = program
    .command('lending')
    .description('loans: health, liquidation prices, what a shock makes liquidatable')
  withLoans(lending.command('health'))
    .description('how safe loans are, where they are liquidated, and what a liquidator would do now')
    .option('--account <id>', 'one account in full')
    .option('--slippage <share>', 'how much less than the oracle the collateral brings (0.3%)')
    .option('--flash <share>', 'fee of the flash loan (0.05%)')
    .option('--gas <dollars>', 'gas of one liquidation (20)')
    .action(async (options: LendingOptions) => {
      const answer = healthAnswer(lendingQuestion(withoutHistory(wordsOf(options)), await booksOf(options)))
      if (options.json) printJson(answer)
      else if (options.csv) process.stdout.write(csvHead(LOAN_COLUMNS) + csvRows(LOAN_COLUMNS, answer.listed))
      else printLines(healthLines(answer, options.account !== undefined && !options.account.includes(',')))
    })
  withLoans(lending.command('at-risk'))
    .description('the ladder: what falls of this kind make liquidatable, one rung a drop')
    .option('--drops <percents>', '5,10,20: rungs of the ladder')
    .option('--compare <shock>', 'the same book under another shock, with the ratio')
    .option('--viable', 'count the loans whose liquidation pays after --slippage, --flash and --gas')
    .option('--slippage <share>', 'how much less than the oracle the collateral brings (0.3%)')
    .option('--flash <share>', 'fee of the flash loan (0.05%)')
    .option('--gas <dollars>', 'gas of one liquidation (20)')
    .action(async (options: LendingOptions) => {
      const answer = ladderAnswer(lendingQuestion(withoutHistory(wordsOf(options)), await booksOf(options)))
      if (options.json) printJson(answer)
      else if (options.csv) process.stdout.write(csvHead(RUNG_COLUMNS) + csvRows(RUNG_COLUMNS, answer.rows))
      else printLines(ladderLines(answer))
    })
  lending
    .command('protocols')
    .description('every lending protocol whose rules are built, how each was proven, and where its loans can come from')
    .option('--json', 'canonical JSON')
    .option('--csv', 'CSV')
    .action(({ json, csv }: { readonly json?: true; readonly csv?: true }) => {
      if (json) printJson(LENDING_PROTOCOLS)
      else if (csv) process.stdout.write(csvHead(PROTOCOL_COLUMNS) + csvRows(PROTOCOL_COLUMNS, LENDING_PROTOCOLS))
      else printLines(protocolLines())
    })
  addLendingOracle(lending)
  for (const command of lending.commands) command.exitOverride()
}

function wordsOf(options: LendingOptions): LendingParams {
  // Read from a chain, several accounts are a book of their own.
  const account = options.rpc !== undefined && options.account?.includes(',') ? undefined : options.account
  return Object.fromEntries(
    WORDS.map((word) => [
      word,
      word === 'account' ? account : word === 'viable' ? (options.viable ? 'true' : undefined) : options[word],
    ]),
  )
}

async function booksOf(options: LendingOptions): Promise<LendingBooks> {
  const { accounts, assets, rpc, seed, protocol } = options
  if (rpc !== undefined) {
    if (accounts === undefined) return chainBooks(options)
    throw breakwaterError('bad-config', '--rpc reads a chain and --accounts a file: give one of them')
  }
  if (accounts === undefined || accounts === 'demo') return simulatedBooks(seed)
  return givenBooks(textOf(accounts), assets === undefined ? undefined : textOf(assets), protocol)
}

function textOf(file: string): string {
  try {
    const { size } = statSync(file)
    if (size <= MOST_BYTES) return readFileSync(file, 'utf8')
  } catch (error) {
    throw breakwaterError('bad-config', `${file} cannot be read: ${(error as Error).message}`, { file })
  }
  throw breakwaterError('bad-file', `${file} is larger than 64 MiB`, { file }, { fix: 'Split it by protocol.' })
}
