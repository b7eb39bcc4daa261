/** How tables of contracts are written and looked up. */

/** A contract of a protocol: its name, and the token that its table speaks of (what is owed there, or the collateral). */
export type Contract = { readonly name: string; readonly token: string | undefined }

/** Contracts of one protocol by chain and address. */
export type Contracts = {
  readonly at: (chain: string, address: string) => Contract | undefined
  /** Addresses by chain, for plans. */
  readonly addresses: Readonly<Record<string, readonly string[]>>
}

/** Reads a table, one contract a line by chain: address, name, and a token's address or `-`. */
export function contractsOf(rows: Readonly<Record<string, string>>): Contracts {
  const found = new Map<string, Contract>()
  const addresses: Record<string, string[]> = {}
  for (const [chain, text] of Object.entries(rows)) {
    addresses[chain] = text
      .trim()
      .split('\n')
      .map((row) => {
        const [address, name, token] = row.trim().split(' ') as [string, string, string | undefined]
        found.set(`${chain}:${address}`, { name, token: token === '-' ? undefined : token })
        return address
      })
  }
  return { at: (chain, address) => found.get(`${chain}:${address}`), addresses }
}
