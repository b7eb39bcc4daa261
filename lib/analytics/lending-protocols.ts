/** Lending protocols whose liquidations are built as rules: ids, what is hard and what is soft, how each was proven, and where its rules were read. */

/** How far a protocol's rules were compared with its contracts. */
export type Proof = 'bytecode' | 'recorded' | 'vectors'

/** Proofs in a sentence. */
export const PROOF_WORDS: Readonly<Record<Proof, string>> = {
  bytecode:
    'compiled contracts and these rules given the same random calls; docs/measurements.md: how many, and what is known to differ',
  recorded: 'recorded calls of the deployed contracts reproduced to the last unit',
  vectors: 'published numbers reproduced, and the promises that every mechanism keeps',
}

/** A protocol. `reads`: doors that take its loans: a table of accounts, a chain, the simulated book. */
export type ProtocolCard = {
  readonly id: string
  readonly name: string
  readonly liquidation: 'hard' | 'soft' | 'auction' | 'pool'
  readonly says: string
  readonly proof: Proof
  readonly reads: readonly ('table' | 'chain' | 'simulated')[]
  readonly source: string
}

type Row = readonly [
  id: string,
  name: string,
  liquidation: ProtocolCard['liquidation'],
  says: string,
  proof: Proof,
  reads: string,
  source: string,
]

const AAVE_V3 =
  'anyone repays up to half of the debt, all of it below 0.95 or when small; leftover below $1,000 refused'
const AAVE_ORIGIN = 'aave-dao/aave-v3-origin'

const ROWS: readonly Row[] = [
  ['aave-v1', 'Aave v1', 'hard', 'anyone repays up to half of one debt', 'recorded', '', 'aave/aave-protocol@4b4545f'],
  ['aave-v2', 'Aave v2', 'hard', 'anyone repays up to half of one debt', 'bytecode', 'table', 'Aave protocol v2 1.0.1'],
  ['aave-v3.0', 'Aave v3.0 to v3.2', 'hard', 'anyone repays up to half of the debt, all of it below 0.95', 'bytecode', 'table', 'Aave core v3 1.19.3'],
  ['aave-v3.3', 'Aave v3.3', 'hard', AAVE_V3, 'bytecode', 'table chain', `${AAVE_ORIGIN} v3.3.0`],
  ['aave-v3.4', 'Aave v3.4', 'hard', AAVE_V3, 'bytecode', 'table chain', `${AAVE_ORIGIN} v3.4.0`],
  ['aave-v3.5', 'Aave v3.5', 'hard', AAVE_V3, 'bytecode', 'table chain', `${AAVE_ORIGIN} v3.5.0`],
  ['aave-v3.6', 'Aave v3.6', 'hard', AAVE_V3, 'bytecode', 'table chain simulated', `${AAVE_ORIGIN} v3.6.0`],
  ['aave-v3.7', 'Aave v3.7', 'hard', AAVE_V3, 'bytecode', 'table chain', `${AAVE_ORIGIN} main of 2026-06-19`],
  ['compound-v2', 'Compound v2', 'hard', 'anyone repays up to the close factor', 'bytecode', '', 'compound-finance/compound-protocol@a3214f67'],
  ['compound-v3', 'Compound v3 (Comet)', 'hard', 'the protocol absorbs the whole account, then sells its collateral at a discount', 'bytecode', 'chain simulated', 'compound-finance/comet@d5a30b0a'],
  ['euler-v2', 'Euler v2', 'hard', 'the discount grows with the violation; the liquidator takes debt over', 'bytecode', '', 'euler-xyz/euler-vault-kit@5b98b420'],
  ['fraxlend', 'Fraxlend', 'hard', 'anyone repays shares; clean and dirty fees', 'bytecode', '', 'FraxFinance/fraxlend@2bed49d4'],
  ['fx-v2', 'f(x) v2', 'soft', 'from 88 % on anybody repays down to 88 %; the whole debt from 95 % on', 'vectors', '', 'AladdinDAO/fx-protocol-contracts@5e198e9'],
  ['kamino', 'Kamino', 'hard', 'a bonus that grows with the distance, in parts; deleveraging with a margin call', 'vectors', '', 'Kamino-Finance/klend@edd5ff5'],
  ['liquity-v1', 'Liquity v1', 'pool', 'the stability pool absorbs, the rest is redistributed; recovery mode below 150 %', 'bytecode', '', 'liquity/dev@b9a16d05'],
  ['liquity-v2', 'Liquity v2', 'pool', 'a stability pool for each branch, the rest is redistributed', 'bytecode', '', 'liquity/bold@405f9122'],
  ['llamma', 'crvUSD (LLAMMA)', 'soft', 'collateral is exchanged band by band as the price falls; hard only when health is below 0', 'bytecode', '', 'curvefi/curve-stablecoin@e6fc18a0'],
  ['maker-clip', 'Maker Liquidations 2.0', 'auction', 'Dutch auction of the vault, with a circuit breaker', 'bytecode', '', 'makerdao/dss dog.sol, clip.sol'],
  ['maker-flip', 'Maker Liquidations 1.x', 'auction', 'English auction in lots, two phases', 'bytecode', '', 'makerdao/dss cat.sol, flip.sol'],
  ['morpho-blue', 'Morpho Blue', 'hard', 'anyone repays the whole debt; what no collateral covers is the suppliers’ at once', 'bytecode', 'chain simulated', 'morpho-org/morpho-blue 1.0.0'],
  ['morpho-pre-liquidation', 'Morpho pre-liquidation', 'hard', 'in parts, before the LLTV, as the borrower agreed', 'bytecode', '', 'morpho-org/pre-liquidation'],
  ['venus-core', 'Venus core pool', 'hard', 'anyone repays up to the close factor; refusals are silent', 'bytecode', '', '@venusprotocol/venus-protocol 10.3.0'],
] // biome-ignore format: one protocol a line

/** Every protocol, by id. */
export const LENDING_PROTOCOLS: readonly ProtocolCard[] = ROWS.map(
  ([id, name, liquidation, says, proof, reads, source]) => ({
    ...{ id, name, liquidation, says, proof, source },
    reads: reads.split(' ').filter((word) => word !== '') as ProtocolCard['reads'],
  }),
)
