import { describeMechanisms } from './mechanism-suite.ts'
import { SEED } from './seed.ts'

describeMechanisms({ seed: SEED, worlds: 24, steps: 80, least: 10, leastBadDebts: 3 })
