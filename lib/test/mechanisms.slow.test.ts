import { describeMechanisms } from './mechanism-suite.ts'

// Another seed every time; the one in a failing test's name repeats it.
const seed = process.env['BREAKWATER_SEED'] ?? String(Date.now() % 1_000_000)
describeMechanisms({ seed, worlds: 24, steps: 80, least: 10, leastBadDebts: 3 })
