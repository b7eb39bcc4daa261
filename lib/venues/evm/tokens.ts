/**
 * Tokens by chain and address: symbol and decimals. Only what is known for certain stands here; a token that does not is
 * kept with its address and its atoms, and its amount stays unknown.
 * Source of most rows: the underlying assets in https://github.com/aave-dao/aave-address-book (MIT).
 * Bridged tokens carry their suffix (`USDC.e`, `WBTC.e`); where a chain has the issuer's own token, that one has the plain name.
 */
import { type Asset, formatFixed, isDollar, type Leg, type UsdBasis } from '../../model/index.ts'

/** Every known token by chain, one a line: address, symbol, decimals. */
export const TOKEN_ROWS: Readonly<Record<string, string>> = {
  ethereum: `
    0x111111111117dc0aa78b770fa6a738034120c302 1INCH 18
    0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9 AAVE 18
    0xba100000625a3754423978a60c9317c58a424e3d BAL 18
    0x0d8775f648430679a709e98d2b0cb6250d2887ef BAT 18
    0x6440f144b7e50d6a8439336510312d2f54beb01d BOLD 18
    0xb0f70c0bd6fd87dbeb7c10dc692a2a6106817072 BTC.b 8
    0x4fabb145d64652a948d72533023f6e7a623c7c53 BUSD 18
    0xcbb7c0000ab88b473b1f5afd9ef808440eed33bf cbBTC 8
    0xbe9895146f7af43049ca1c1ae358b0541ea49704 cbETH 18
    0xc00e94cb662c3520282e6f5717214004a7f26888 COMP 18
    0xd533a949740bb3306d119cc777fa900ba034cd52 CRV 18
    0xf939e0a03fb07f59a73314e73794be0e57ac1b4e crvUSD 18
    0x4e3fbd56cd56c3e72c1403e103b45db9da5b9d2b CVX 18
    0x6b175474e89094c44da98b954eedeac495271d0f DAI 18
    0x1494ca1f11d487c2bbe4543e90080aeba4ba3c2b DPI 18
    0x657e8c867d8b37dcc18fa4caead9c45eb088c642 eBTC 8
    0xf629cbd94d3791c9250152bd8dfbdf380e2a3b9c ENJ 18
    0xc18360217d8f7ab5e7c516566761ea12ce7f9d72 ENS 18
    0xa35b1b31ce002fbf2058d22f30f95d405200a15b ETHx 18
    0x1abaea1f7c830bd89acc67ec4af516284b1bc33c EURC 6
    0x90d2af7d622ca3141efa4d8f1f24d86e5974cc8f eUSDe 18
    0xbf5495efe5db9ce00f80364c8b423567e58d2110 ezETH 18
    0xc96de26018a54d51c097160568752c4e3bd6c364 FBTC 8
    0x956f47f50a910163d8bf957cf5846d573e7f87ca FEI 18
    0x853d955acef822db058eb8505911ed77f175b99e FRAX 18
    0xcacd6fd266af91b8aed52accc382b4e165586e29 frxUSD 18
    0x3432b6a60d23ca0dfca7761b7ab56459d9c964d0 FXS 18
    0x085780639cc2cacd35e474e71f4d000e2405d8f6 fxUSD 18
    0x40d16fc0246ad3160ccc09b8d0d3a2cd28ae6c2f GHO 18
    0x056fd409e1d7a124bd7017459dfea2f387b6d5cd GUSD 2
    0xdd974d5c2e2928dea5f71b9825b8b646686bd200 KNC 18
    0xdefa4e8a7bcba345f687a2f1456f5edd9ce97202 KNC 18
    0x8236a87084f8b84306f72007f36f2618a5634494 LBTC 8
    0x5a98fcbea516cf06857215779fd812ca3bef1b32 LDO 18
    0x514910771af9ca656af840dff83e8264ecf986ca LINK 18
    0xbbbbca6a901c926f240b89eacb641d8aec7aeafd LRC 18
    0x5f98805a4e8be255a32880fdec7f6728c6568ba0 LUSD 18
    0x0f5d2fb29fb7d3cfee444a200298f468908cc942 MANA 18
    0x9f8f72aa9304c8b593d555f12ef6589cc3a579a2 MKR 18
    0xaca92e438df0b2401ff60da7e4337b687a2435da mUSD 6
    0xf1c9acdc66974dfb6decb12aa385b9cd01190e38 osETH 18
    0x45804880de22913dafe09f4980848ece6ecbaf78 PAXG 18
    0x6c3ea9036406852006290770bedfcaba0e23a0e8 PYUSD 6
    0x03ab458634910aad20ef5f1c8ee96f1d6ac54919 RAI 18
    0x408e41876cccdc0f92210600ef50372656052a38 REN 18
    0xeb4c2781e4eba804ce9a9803c67d0893436bb27d renBTC 8
    0x1985365e9f78359a9b6ad760e32412f4a445e862 REP 18
    0xae78736cd615f374d3085123a210448e74fc6393 rETH 18
    0x8292bb45bf1ee4d140127049757c2e0ff06317ed RLUSD 18
    0xd33526068d116ce69f19a9ee46f0bd304f21a51f RPL 18
    0xa1290d69c65a6fe4df752f95823fae25cb99e5a7 rsETH 18
    0x89d24a6b4ccb1b6faa2625fe562bdd9a23260359 SAI 18
    0x83f20f44975d03b1b09e64809b757c47f942beea sDAI 18
    0xac3e018457b222d93114458476f3e3416abbe38f sfrxETH 18
    0xc011a73ee8576fb46f5e1c5751ca3b9fe0af2a6f SNX 18
    0xae7ab96520de3a18e5e111b5eaab095312d7fe84 stETH 18
    0xaf5191b0de278c7286d6c7cc6ab6bb8a73ba2cd6 STG 18
    0x57ab1ec28d129707052df4df418d58a2d46d5f51 sUSD 18
    0x9d39a5de30e57443bff2a8307a4256c8797a3497 sUSDe 18
    0x356b8d89c1e1239cbbb9de4815c39a1474d5ba7d syrupUSDT 6
    0x18084fba666a33d37592fa2633fd49a74dd93a88 tBTC 18
    0xd11c452fc99cf405034ee446803b6f6c1f6d5ed8 tETH 18
    0x0000000000085d4780b73119b644ae5ecd22b376 TUSD 18
    0x1f9840a85d5af5bf1d1762f925bdaddc4201f984 UNI 18
    0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48 USDC 6
    0x4c9edd5852cd905f086c759e8383e09bff1e68b3 USDe 18
    0xe343167631d89b6ffc58b88d6b7fb0228795491d USDG 6
    0x8e870d67f660d95d5be530380d0ec0bd388289e1 USDP 18
    0xdc035d45d973e3ec169d2276ddab16f1e407384f USDS 18
    0xdac17f958d2ee523a2206206994597c13d831ec7 USDT 6
    0xc139190f447e929f090edeb554d95abb8b18ac1c USDtb 18
    0xa693b19d2931d498c5b318df961919bb4aee87a5 UST 6
    0x2260fac5e5542a773aa44fbcfedf7c193bc2c599 WBTC 8
    0xcd5fe23c85820f7b72d0926fc9b05b43e359b7ee weETH 18
    0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2 WETH 18
    0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0 wstETH 18
    0x68749665ff8d2d112fa859aa293f07a622782f38 XAUt 6
    0x8798249c2e607446efb7ad49ec89dd1865ff4272 xSUSHI 18
    0x0bc529c00c6401aef6d220be8c6ea1667f6ad93e YFI 18
    0xe41d2489571d322189246dafa5ebde1f4699f498 ZRX 18
  `,
  arbitrum: `
    0xfc5a1a6eb076a2c7ad06ed22c90d7e710e35ad0a GMX 18
    0xfa7f8980b0f1e64a2062791cc3b0871572f1f7f0 UNI 18
    0xba5ddd1f9d7f570dc94a51479a000e3bce967196 AAVE 18
    0x912ce59144191c1204e64559fe8253a0e49e6548 ARB 18
    0xda10009cbd5d07dd0cecc66161fc93d7c9000da1 DAI 18
    0xd22a58f79e9481d1a88e00c343885a588b34b68b EURS 2
    0x2416092f143378750bb29b79ed961ab195cceea5 ezETH 18
    0x17fc002b466eec40dae837fc4be5c67993ddbd6f FRAX 18
    0x7dff72693f6a4149b17e7c6314655f6a9f7c8b33 GHO 18
    0xf97f4df75117a78c1a5a0dbb814af92458539fb4 LINK 18
    0x93b346b6bc2548da6a1e7d98e9a421b42541425b LUSD 18
    0x3f56e0c36d275367b8c502090edf38289b3dea0d MAI 18
    0xec70dcb4a1efa46b8f2d97c310c9c4790ba5ffa8 rETH 18
    0x4186bfc76e2e237523cbc30fd220fe055156b41f rsETH 18
    0x6c84a8f1c29108f47a79964b5fe888d4f4d0de40 tBTC 18
    0xaf88d065e77c8cc2239327c5edb3a432268e5831 USDC 6
    0xff970a61a04b1ca14834a43f5de4533ebddb5cc8 USDC.e 6
    0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9 USDT 6
    0x2f2a2543b76a4166549f7aab2e75bef0aefc5b0f WBTC 8
    0x35751007a407ca6feffe80b3cb397736d2cf4dbe weETH 18
    0x82af49447d8a07e3bd95bd0d56f35241523fbab1 WETH 18
    0x5979d7b546e38e414f7e9822514be443a4800529 wstETH 18
  `,
  base: `
    0x940181a94a35a4569e4529a3cdfb74e38fd98631 AERO 18
    0x820c137fa70c8691f0e44dc420a5e53c168921dc USDS 18
    0x63706e401c06ac8513145b7687a14804d17f814b AAVE 18
    0xcbb7c0000ab88b473b1f5afd9ef808440eed33bf cbBTC 8
    0x2ae3f1ec7f1f5012cfeab0185bfc7aa3cf0dec22 cbETH 18
    0x60a3e35cc302bfa44cb288bc5a4f316fdb1adb42 EURC 6
    0x2416092f143378750bb29b79ed961ab195cceea5 ezETH 18
    0x6bb7a212910682dcfdbd5bcbb3e28fb4e8da10ee GHO 18
    0xecac9c5f704e954931349da37f60e39f515c11c1 LBTC 8
    0x660975730059246a68521a3e2fbd4740173100f5 syrupUSDC 6
    0x236aa50979d5f3de3bd1eeb40e81137f22ab794b tBTC 18
    0xd9aaec86b65d86f6a7b5b1b0c42ffa531710b6ca USDbC 6
    0x833589fcd6edb6e08f4c7c32d4f71b54bda02913 USDC 6
    0x04c0599ae5a44757c0af6f9ec3b93da8976c150a weETH 18
    0x4200000000000000000000000000000000000006 WETH 18
    0xedfa23602d0ec14714057867a78d01e94176bea0 wrsETH 18
    0xc1cba3fcea344f92d9239c08c0568f6f2f0ee452 wstETH 18
  `,
  optimism: `
    0x76fb31fb4af56892a25e32cfc43de717950c9278 AAVE 18
    0xda10009cbd5d07dd0cecc66161fc93d7c9000da1 DAI 18
    0x350a791bfc2c21f9ed5d10980dad2e2638ffa7f6 LINK 18
    0xc40f949f8a4e094d1b49a23ea9241d289b7b2819 LUSD 18
    0xdfa46478f9e5ea86d57387849598dbfb2e964b02 MAI 18
    0x4200000000000000000000000000000000000042 OP 18
    0x9bcef72be871e61ed4fbbc7630889bee758eb81d rETH 18
    0x8c6f28f2f1a3c87f0f938b96d27520d9751ec8d9 sUSD 18
    0x0b2c639c533813f4aa9d7837caf62653d097ff85 USDC 6
    0x7f5c764cbc14f9669b88837ca1490cca17c31607 USDC.e 6
    0x94b008aa00579c1307b0ef2c499ad98a8ce58e58 USDT 6
    0x68f180fcce6836688e9084f035309e29bf0a2095 WBTC 8
    0x4200000000000000000000000000000000000006 WETH 18
    0x1f32b1c2345538c0c6f582fcb022739c4a194ebb wstETH 18
  `,
  polygon: `
    0xd6df932a45c0f255f85145f286ea0b292b21c90b AAVE 18
    0x9a71012b13ca4d3d0cdc72a177df3ef03b0e76a3 BAL 18
    0x172370d5cd63279efa6d502dab29171933a610af CRV 18
    0x8f3cf7ad23cd3cadbd9735aff958023239c6a063 DAI 18
    0x85955046df4668e1dd369d2de9f3aeb98dd2a369 DPI 18
    0xe0b52e49357fd4daf2c15e02058dce6bc0057db4 EURA 18
    0xe111178a87a3bff0c8d18decba5798827539ae99 EURS 2
    0x385eeac5cb85a38a9a07a70c73e0a3271cfb54a7 GHST 18
    0x4e3decbb3645551b8a19f0ea1678079fcb33fb4c jEUR 18
    0x53e0bca35ec356bd5dddfebbd1fc0fd03fabad39 LINK 18
    0xfa68fb4628dff1028cfec22b4162fccd0d45efb6 MaticX 18
    0xa3fa99a148fa48d14ed51d610c367c61876997f1 miMATIC 18
    0x3a58a54c066fdc0f2d55fc9c89f0415c92ebf3c4 stMATIC 18
    0x0b3f868e0be5597d5db7feb59e1cadbb0fdda50a SUSHI 18
    0x3c499c542cef5e3811e1192ce70d8cc03d5c3359 USDC 6
    0x2791bca1f2de4661ed88a30c99a7a9449aa84174 USDC.e 6
    0xc2132d05d31c914a87c6611c10748aeb04b58e8f USDT 6
    0x1bfd67037b42cf73acf2047067bd4f2c47d9bfd6 WBTC 8
    0x7ceb23fd6bc0add59e62ac25578270cff1b9f619 WETH 18
    0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270 WPOL 18
    0x03b54a6e9a984069379fae1a4fc4dbae93b3bccd wstETH 18
  `,
  avalanche: `
    0x63a72806098bd3d9520cc43356dd78afe5d386d9 AAVE.e 18
    0x00000000efe302beaa2b3e6e1b18d08d69a9012a AUSD 6
    0x152b9d0fdc40c096757f570a51e494bd4b943e50 BTC.b 8
    0xd586e7f844cea2f87f50152665bcbc2c279d8d70 DAI.e 18
    0xc891eb4cbdeff6e073e859e987815ed1505c2acd EURC 6
    0xd24c2ad096400b6fbcd2ad8b24e7acbc21a1da64 FRAX 18
    0xfc421ad3c883bf9e7c4f42de845c4e4405799e73 GHO 18
    0x5947bb275c521040051d82396192181b413227a3 LINK.e 18
    0x5c49b268c9841aff1cc3b0a418ff5c3442ee3f3b MAI 18
    0x2b2c81e08f1af8835a78bb2a90ae924ace0ea4be sAVAX 18
    0x211cc4dd073734da055fbf44a2b4667d5e5fe5d2 sUSDe 18
    0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e USDC 6
    0xa7d7079b0fead91f3e65f86e8915cb59c1a4c664 USDC.e 6
    0x5d3a1ff2b6bab83b63cd9ad0787074081a52ef34 USDe 18
    0x9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7 USDT 6
    0xc7198437980c041c805a1edcba50c1ce5db95118 USDT.e 6
    0xb31f66aa3c1e785363f0875a1b74e27b85fd66c7 WAVAX 18
    0x50b7545627a5162f82a992c33b87adc75187b218 WBTC.e 8
    0x49d5c2bdffac6ce2bfdb6640f4f80f226bc10bab WETH.e 18
    0x7bfd4ca2a6cf3a3fddd645d10b323031afe47ff0 wrsETH 18
  `,
  bnb: `
    0xe9e7cea3dedca5984780bafc599bd69add087d56 BUSD 18
    0x1af3f329e8be154074d8769d1ffa4ee058b1dbc3 DAI 18
    0xcf6bb5389c92bdda8a3747ddb454cb7a64626c63 XVS 18
    0x3ee2200efb3400fabb9aacf31297cbdd1d435d47 ADA 18
    0xf8a0bf9cf54bb92f17374d9e9a321e6a111a51bd LINK 18
    0x1d2f0da169ceb9fc7b3144628db156f3f6c60dbe XRP 18
    0x4338665cbb7b2485a8855a139b75d5e34ab0db94 LTC 18
    0xba2ae424d960c26247dd6c32edc70b295c744c43 DOGE 8
    0x7083609fce4d1d8dc0c979aab8c869ea2c873402 DOT 18
    0x7130d2a12b9bcbfae4f2634d864a1ee1ce3ead9c BTCB 18
    0x0e09fabb73bd3ade0a17ecc321fd13a19e81ce82 CAKE 18
    0x2170ed0880ac9a755fd29b2688956bd959f933f8 ETH 18
    0xc5f0f7b66764f6ec8c8dff7ba683102295e16409 FDUSD 18
    0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d USDC 18
    0x55d398326f99059ff775485246999027b3197955 USDT 18
    0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c WBNB 18
    0x26c5e01524d2e6280a48f2c50ff6de7e52e9611c wstETH 18
  `,
}

/** Ether itself, where a protocol says so with this address (Aave v1) or has no other collateral (Liquity v1). */
export const NATIVE_ETHER = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'

const TOKENS: ReadonlyMap<string, Asset> = new Map(
  Object.entries(TOKEN_ROWS).flatMap(([chain, rows]) => tokensOf(chain, rows)),
)

function tokensOf(chain: string, rows: string): [string, Asset][] {
  return rows
    .trim()
    .split('\n')
    .map((row) => {
      const [address, symbol, decimals] = row.trim().split(' ') as [string, string, string]
      return [`${chain}:${address}`, { symbol, decimals: Number(decimals), chain, address }]
    })
}

/** Ether, which has no address. */
export const NATIVE: Asset = { symbol: 'ETH', decimals: 18 }

/** The token at an address, or `undefined` when it is not in the table. */
export function tokenAt(chain: string, address: string): Asset | undefined {
  if (address === NATIVE_ETHER) return { symbol: 'ETH', decimals: 18, chain, address }
  return TOKENS.get(`${chain}:${address}`)
}

/** The token of a symbol on a chain; for protocols whose only debt or collateral it is. */
export function tokenNamed(chain: string, symbol: string): Asset | undefined {
  for (const token of TOKENS.values()) if (token.chain === chain && token.symbol === symbol) return token
  return undefined
}

/** An amount of a token: exact atoms always, whole units where the decimals are known. An unknown token's asset is its address. */
export function legOf(chain: string, address: string, atoms: bigint): Leg {
  const token = tokenAt(chain, address)
  return token === undefined ? { asset: address, address, atoms } : legOfAsset(token, atoms)
}

/** An amount of a known asset. */
export function legOfAsset(asset: Asset, atoms: bigint): Leg {
  const { symbol, decimals, address } = asset
  const amount = decimals === undefined ? {} : { amount: formatFixed(atoms, decimals), decimals }
  return { asset: symbol, ...(address === undefined ? {} : { address }), ...amount, atoms }
}

/** What an asset is called whose log names neither it nor its address. */
export const UNNAMED = 'unknown'

/** An amount of which the log says neither token nor decimals (Morpho's markets, Fraxlend's pairs): atoms only. */
export function legUnnamed(atoms: bigint): Leg {
  return { asset: UNNAMED, atoms }
}

/** Dollars of an amount where it is a dollar stablecoin of known decimals, counted at par; else unknown. */
export function dollarsOf(leg: Leg): { readonly usd: number | undefined; readonly usdBasis?: UsdBasis } {
  if (leg.amount === undefined || !isDollar(leg.asset)) return { usd: undefined }
  return { usd: Number(leg.amount), usdBasis: 'dollar-par' }
}
