/** `breakwater perp`: at what price a position is liquidated, and what happens then, step by step. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import {
  formatMoney,
  formatMove,
  formatNumber,
  formatPrice,
  formatShare,
  type PositionFigures,
  type PositionParams,
  parseTierTable,
  positionFigures,
  positionQuestion,
  profileCards,
  stepSentence,
  walkQuestion,
} from '../analytics/index.ts'
import {
  type ProfileMarket,
  perpProfiles,
  type TierTable,
  type Walk,
  type WalkStep,
  walkPosition,
} from '../mechanisms/index.ts'
import { breakwaterError } from '../model/index.ts'
import { printJson, printLines, table } from './print.ts'

type PerpOptions = PositionParams & { readonly json?: true; readonly tiers?: string }

function withPosition(command: Command): Command {
  return command
    .requiredOption('--venue <id>', 'binance, bybit, okx, hyperliquid …, or a profile: see `breakwater perp profiles`')
    .requiredOption('--symbol <symbol>', 'the venue’s own name of the contract: BTCUSDT')
    .requiredOption('--side <side>', 'long or short')
    .requiredOption('--size <amount>', 'coins (linear) or quote units of contract value (inverse)')
    .requiredOption('--entry <price>', 'entry price')
    .requiredOption('--leverage <x>', 'chosen leverage')
    .option('--mark <price>', 'mark price; the entry price when left out')
    .option('--mode <mode>', 'isolated, cross or unified; the venue’s first when left out')
    .option('--extra <amount>', 'margin beyond the initial one, or the rest of the wallet in cross')
    .option('--margin <amount>', 'the whole margin, instead of the initial one')
    .option('--funding <rate>', 'funding rate per interval: 0.0001 or 0.01%')
    .option('--days <n>', 'for how many days it was paid')
    .option('--on <day>', 'the rules of a day: 2025-10-10')
    .option('--tiers <file>', 'a tier table of your own: JSON list of [floor, rate, maxLeverage]')
    .option('--json', 'canonical JSON')
}

/** Adds the commands. */
export function addPerp(program: Command): void {
  const perp = program.command('perp').description('margin, liquidation prices and what happens at them, by venue')
  withPosition(perp.command('liquidation-price'))
    .description('where this position is liquidated, and everything around it')
    .action((options: PerpOptions) => {
      const question = positionQuestion(options, tiersOf(options))
      const figures = positionFigures(question)
      if (options.json) printJson(figures)
      else printLines(figureLines(figures, question.market))
    })
  withPosition(perp.command('explain'))
    .description('walks the position through a price that goes against it, step by step: who pays')
    .option('--drop <part>', 'how far the mark goes: 0.5 or 50%')
    .option('--until <price>', 'the price at which the walk ends, instead')
    .option('--stride <part>', 'gap between two marks: 0 is every tick, 2% a gap')
    .option('--speed <part>', 'move per second, for cooldowns')
    .option('--depth <part>', 'part of each liquidation order that the book takes')
    .option('--slippage <part>', 'how much worse than the mark it trades')
    .option('--fund <amount>', 'what the insurance fund may pay')
    .action((options: PerpOptions) => {
      const walk = walkQuestion(options, tiersOf(options))
      const steps = walkPosition(walk)
      const told = steps.map((step) => ({ ...step, says: stepSentence(step, walk) }))
      if (options.json)
        printJson({ profile: walk.profile.id, symbol: walk.market.symbol, position: walk.position, steps: told })
      else printLines(walkLines(walk, told))
    })
  perp
    .command('profiles')
    .description('every venue’s dated rules, with what they are of')
    .option('--json', 'canonical JSON')
    .action(({ json }: { readonly json?: true }) => {
      if (json) printJson(profileCards())
      else printLines(profileLines())
    })
  for (const command of perp.commands) command.exitOverride()
}

function tiersOf({ tiers, symbol }: PerpOptions): TierTable | undefined {
  if (tiers === undefined) return undefined
  let text: string
  try {
    text = readFileSync(tiers, 'utf8')
  } catch (error) {
    throw breakwaterError('bad-config', `the tier table ${tiers} cannot be read: ${(error as Error).message}`, {
      file: tiers,
    })
  }
  return parseTierTable(text, /USD(_PERP)?$|-USD-SWAP$/i.test(symbol ?? '') ? 'inverse' : 'linear')
}

const pair = (name: string, text: string) => `${name.padEnd(14)}${text}`

function figureLines(f: PositionFigures, market: ProfileMarket): readonly string[] {
  const money = (value: number) => formatMoney(value, market)
  const price = (value: number | undefined) => formatPrice(value, market)
  const unit = f.payoff === 'linear' ? f.coin : f.quote
  const lost =
    f.liquidationPrice === undefined
      ? ''
      : `   ${formatMove(f.distance)} from mark, bracket ${f.liquidationBracket} of ${f.brackets}`
  return [
    `${f.name} · ${f.symbol} · ${f.side} ${formatNumber(f.size)} ${unit} at ${price(f.entryPrice)} · ${formatNumber(f.leverage)}x ${f.mode} · tiers of ${f.asOf}`,
    pair('liquidation', `${price(f.liquidationPrice)}${lost}${f.liquidatable ? '   LIQUIDATABLE NOW' : ''}`),
    ...(f.backstopPrice === undefined
      ? []
      : [pair('backstop', `${price(f.backstopPrice)}   the vault takes over below two thirds of maintenance`)]),
    pair('bankruptcy', `${price(f.bankruptcyPrice)}   ${formatMove(f.bankruptcyDistance)} from mark: nothing is left`),
    pair(
      'not',
      `${formatMove(f.naiveMove)}: ${formatNumber(f.leverage)}x is liquidated at ${formatMove(f.moveToLiquidation)} from the entry`,
    ),
    pair('margin', `${money(f.margin)}   equity ${money(f.equity)}`),
    pair(
      'maintenance',
      `${money(f.maintenanceMargin)}   rate ${formatShare(f.maintenanceRate)}, deduction ${money(f.deduction)}, bracket ${f.bracket}`,
    ),
    pair(
      'margin ratio',
      `${f.marginRatio === undefined ? 'no equity' : formatShare(f.marginRatio)}   effective leverage ${f.effectiveLeverage === undefined ? 'none' : `${formatNumber(f.effectiveLeverage, 4)}x`}`,
    ),
    ...(f.fundingPerDay === 0
      ? []
      : [
          pair(
            'funding',
            `${f.fundingPerDay > 0 ? 'pays' : 'receives'} ${money(Math.abs(f.fundingPerDay))} a day${f.drainedAfterDays === undefined ? '' : `; drained to maintenance in ${formatNumber(f.drainedAfterDays, 4)} days`}`,
          ),
        ]),
    pair('source', f.source),
  ]
}

function walkLines(walk: Walk, steps: readonly (WalkStep & { readonly says: string })[]): readonly string[] {
  const { profile, market, position } = walk
  const rows = steps.map((step) => [
    `${(step.timeMs / 1000).toFixed(0)} s`,
    formatPrice(step.mark, market),
    formatMove(step.mark / walk.mark - 1),
    step.state,
    step.says,
  ])
  return [
    `${profile.name} · ${market.symbol} · ${position.side} ${formatNumber(position.size)} at ${formatPrice(position.entryPrice, market)}, margin ${formatMoney(walk.margin, market)}`,
    `the book takes ${formatShare(walk.depth)} of each order, ${formatNumber(walk.slippage * 100, 3)} % worse than the mark; the fund may pay ${formatMoney(walk.fund, market)}`,
    ...table(['time', 'mark', 'move', 'state', 'what happens'], rows, [0, 1, 2]),
  ]
}

function profileLines(): readonly string[] {
  const rows = perpProfiles.map(({ id, name, from, until, modes, markets }) => [
    id,
    name,
    `${from} – ${until ?? 'now'}`,
    modes.join(', '),
    markets.map(({ symbol }) => symbol).join(' '),
  ])
  return table(['profile', 'venue', 'in force', 'margin', 'contracts'], rows)
}
