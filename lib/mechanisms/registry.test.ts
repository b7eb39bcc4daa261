import { describeMechanisms } from '../test/mechanism-suite.ts'

describeMechanisms({ seed: 1, worlds: 6, steps: 60, least: 2, leastBadDebts: 0 })
