/** The what-if of a scenario: its coins shocked at its start, run, and named by a hash, so that the same question has one address. */
import { shockText } from '../../analytics/index.ts'
import { breakwaterError, canonical } from '../../model/index.ts'
import {
  changedScenario,
  marketOf,
  runMarket,
  type Scenario,
  type ScenarioFiles,
  type ScenarioSummary,
  scenarioSummary,
  shockedScenario,
} from '../../sim/index.ts'
import { sha256 } from '../server.ts'
import type { StressQuestion } from './question.ts'
import type { Watched } from './watched.ts'

/** The answer about a scenario. */
export type ScenarioStress = { readonly book: 'scenario'; readonly hash: string } & ScenarioSummary

/** The hash of a run: of the scenario as it is run, and of its files. The same hash, the same run. */
export function runHash(scenario: Scenario, files: ScenarioFiles): string {
  const named = [...files].map(([name, text]) => [name, sha256(text)])
  return sha256(canonical({ scenario, files: named })).slice(0, 16)
}

/** The scenario under the shocks and the depth of a question. Throws `bad-shock` for kinds that a scenario says otherwise. */
export function questionedScenario(scenario: Scenario, { shocks, market, paths }: StressQuestion): Scenario {
  if (paths)
    throw breakwaterError(
      'bad-query',
      'a scenario has no book of levels for paths',
      {},
      {
        fix: 'Ask with a book, or run the scenario with other seeds.',
      },
    )
  const moves = shocks.map((shock) => {
    if (shock.kind !== 'market')
      throw breakwaterError(
        'bad-shock',
        `a scenario’s coins know no shock of the kind ${shock.kind}`,
        { kind: shock.kind },
        {
          fix: 'Write ETH=-20%; oracles’ faults and followers’ ratios stand in the scenario.',
        },
      )
    return [shock.asset, shock.move] as const
  })
  const name = `${scenario.name} · under ${shocks.map((shock) => shockText(shock).replace('market:', '')).join(', ')} instead of its paths`
  const shocked = { ...shockedScenario(scenario, new Map(moves)), name }
  return market.depth === 1 ? shocked : changedScenario(shocked, [{ name: 'depth', value: market.depth }])
}

/** Runs it. Stopped early, the summary says so. */
export function scenarioStress(
  scenario: Scenario,
  files: ScenarioFiles,
  watched?: Watched | undefined,
): ScenarioStress {
  const plan = marketOf(scenario, files)
  const run = runMarket(plan, (step) => {
    watched?.at?.('steps', step, scenario.steps)
    return step === 0 || (watched?.goOn() ?? true)
  })
  return { book: 'scenario', hash: runHash(scenario, files), ...scenarioSummary(scenario, plan, run) }
}
