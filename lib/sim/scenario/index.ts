/** Scenarios: a market as data, checked with every error at its place, and made into a run. */
export { parseBorrowers, type ScenarioFiles } from './books.ts'
export * from './change.ts'
export type {
  Scenario,
  ScenarioAsset,
  ScenarioLiquidator,
  ScenarioMarket,
  ScenarioOracle,
  ScenarioPath,
  ScenarioRoom,
  ScenarioTrader,
} from './fields.ts'
export * from './market-of.ts'
export { checkedScenario, marketNames, parseScenario, scenarioJsonSchema, scenarioProblems } from './parse.ts'
export { pricePaths } from './price-paths.ts'
export type { ScenarioProblem } from './shape.ts'
export * from './told.ts'
