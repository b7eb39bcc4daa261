/**
 * Where protocols live: pools, markets and auction houses by chain. Only what is known for certain; each table names its source.
 * One contract a line: address, name, and the address of the token each table names (`-`: none, or not known for certain).
 */

import { contractsOf } from './contracts.ts'

/** Aave v1: the LendingPool behind its proxy. https://github.com/aave-dao/aave-address-book */
export const AAVE_V1_POOLS = contractsOf({
  ethereum: `
    0x398ec7346dcd622edc5ae82352f02be94c62d119 AaveV1Ethereum
  `,
})

/** Aave v2: every LendingPool. https://github.com/aave-dao/aave-address-book */
export const AAVE_V2_POOLS = contractsOf({
  avalanche: `
    0x4f01aed16d97e3ab5ab2b501154dc9bb0f1a5a2c AaveV2Avalanche
  `,
  ethereum: `
    0x7d2768de32b0b80b7a3454c06bdac94a69ddc7a9 AaveV2Ethereum
    0x7937d4799803fbbe595ed57278bc4ca21f3bffcb AaveV2EthereumAMM
    0x37d7306019a38af123e4b245eb6c28af552e0bb0 AaveV2EthereumArc
  `,
  polygon: `
    0x8dff5e27ea6b7ac08ebfdf9eb090f32ee9a30fcf AaveV2Polygon
  `,
})

/** Aave v3: every Pool. https://github.com/aave-dao/aave-address-book */
export const AAVE_V3_POOLS = contractsOf({
  arbitrum: `
    0x794a61358d6845594f94dc1db02a252b5b4814ad AaveV3Arbitrum
  `,
  avalanche: `
    0x794a61358d6845594f94dc1db02a252b5b4814ad AaveV3Avalanche
  `,
  bnb: `
    0x6807dc923806fe8fd134338eabca509979a7e0cb AaveV3BNB
  `,
  base: `
    0xa238dd80c259a72e81d7e4664a9801593f98d1c5 AaveV3Base
  `,
  celo: `
    0x3e59a31363e2ad014dcbc521c4a0d5757d9f3402 AaveV3Celo
  `,
  ethereum: `
    0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2 AaveV3Ethereum
    0x0aa97c284e98396202b6a04024f5e2c65026f3c0 AaveV3EthereumEtherFi
    0xae05cd22df81871bc7cc2a04becfb516bfe332c8 AaveV3EthereumHorizon
    0x4e033931ad43597d96d6bcc25c280717730b58b1 AaveV3EthereumLido
  `,
  gnosis: `
    0xb50201558b00496a145fe76f7424749556e326d8 AaveV3Gnosis
  `,
  linea: `
    0xc47b8c00b0f69a36fa203ffeac0334874574a8ac AaveV3Linea
  `,
  mantle: `
    0x458f293454fe0d67ec0655f3672301301dd51422 AaveV3Mantle
  `,
  metis: `
    0x90df02551bb792286e8d4f13e0e357b4bf1d6a57 AaveV3Metis
  `,
  optimism: `
    0x794a61358d6845594f94dc1db02a252b5b4814ad AaveV3Optimism
  `,
  plasma: `
    0x925a2a7214ed92428b5b1b090f80b25700095e12 AaveV3Plasma
  `,
  polygon: `
    0x794a61358d6845594f94dc1db02a252b5b4814ad AaveV3Polygon
  `,
  scroll: `
    0x11fcfe756c05ad438e312a7fd934381537d3cffe AaveV3Scroll
  `,
  soneium: `
    0xdd3d7a7d03d9fd9ef45f3e587287922ef65ca38b AaveV3Soneium
  `,
  sonic: `
    0x5362dbb1e601abf3a4c14c22ffeda64042e5eaa3 AaveV3Sonic
  `,
  zksync: `
    0x78e30497a3c7527d953c6b1e3541b021a98ac43c AaveV3ZkSync
  `,
})

/** SparkLend: an Aave v3 pool of its own. https://docs.spark.fi/dev/sparklend/core-contracts/pool */
export const SPARK_POOLS = contractsOf({
  ethereum: `
    0xc13e21b648a5ee794902342038ff3adab66be987 SparkLend
  `,
})

/** Compound v3: every Comet with its base token. https://github.com/compound-finance/comet (`roots.json` of each deployment) */
export const COMETS = contractsOf({
  arbitrum: `
    0xa5edbdd9646f8dff606d7448e414884c7d905dca cUSDCv3 0xff970a61a04b1ca14834a43f5de4533ebddb5cc8
    0x9c4ec768c28520b50860ea7a15bd7213a9ff58bf cUSDCv3 0xaf88d065e77c8cc2239327c5edb3a432268e5831
    0xd98be00b5d27fc98112bde293e487f8d4ca57d07 cUSDTv3 0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9
    0x6f7d514bbd4aff3bcd1140b7344b32f063dee486 cWETHv3 0x82af49447d8a07e3bd95bd0d56f35241523fbab1
  `,
  base: `
    0x784efeb622244d2348d4f2522f8860b96fbece89 cAEROv3 0x940181a94a35a4569e4529a3cdfb74e38fd98631
    0x9c4ec768c28520b50860ea7a15bd7213a9ff58bf cUSDbCv3 0xd9aaec86b65d86f6a7b5b1b0c42ffa531710b6ca
    0xb125e6687d4313864e53df431d5425969c15eb2f cUSDCv3 0x833589fcd6edb6e08f4c7c32d4f71b54bda02913
    0x2c776041ccfe903071af44aa147368a9c8eea518 cUSDSv3 0x820c137fa70c8691f0e44dc420a5e53c168921dc
    0x46e6b214b524310239732d51387075e0e70970bf cWETHv3 0x4200000000000000000000000000000000000006
  `,
  ethereum: `
    0xc3d688b66703497daa19211eedff47f25384cdc3 cUSDCv3 0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48
    0x5d409e56d886231adaf00c8775665ad0f9897b56 cUSDSv3 0xdc035d45d973e3ec169d2276ddab16f1e407384f
    0x3afdc9bca9213a35503b077a6072f3d0d5ab0840 cUSDTv3 0xdac17f958d2ee523a2206206994597c13d831ec7
    0xe85dc543813b8c2cfeaac371517b925a166a9293 cWBTCv3 0x2260fac5e5542a773aa44fbcfedf7c193bc2c599
    0xa17581a9e3356d9a858b789d68b4d866e593ae94 cWETHv3 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2
    0x3d0bb1ccab520a66e607822fc55bc921738fafe3 cWstETHv3 0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0
  `,
  optimism: `
    0x2e44e174f7d53f0212823acc11c01a11d58c5bcb cUSDCv3 0x0b2c639c533813f4aa9d7837caf62653d097ff85
    0x995e394b8b2437ac8ce61ee0bc610d617962b214 cUSDTv3 0x94b008aa00579c1307b0ef2c499ad98a8ce58e58
    0xe36a30d249f7761327fd973001a32010b521b6fd cWETHv3 0x4200000000000000000000000000000000000006
  `,
  polygon: `
    0xf25212e676d1f7f89cd72ffee66158f541246445 cUSDCv3 0x2791bca1f2de4661ed88a30c99a7a9449aa84174
    0xaeb318360f27748acb200ce616e389a6c9409a07 cUSDTv3 0xc2132d05d31c914a87c6611c10748aeb04b58e8f
  `,
})

/** Morpho Blue: one contract per chain. https://docs.morpho.org/get-started/resources/addresses/ */
export const MORPHOS = contractsOf({
  ethereum: `
    0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb Morpho
  `,
  base: `
    0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb Morpho
  `,
  arbitrum: `
    0x6c247b1f6182318877311737bac0844baa518f5e Morpho
  `,
  optimism: `
    0xce95afbb8ea029495c66020883f87aae8864af92 Morpho
  `,
  polygon: `
    0x1bf0c2541f820e775182832f06c0b7fc27a25f67 Morpho
  `,
})

/** Liquity v1: the TroveManager. https://github.com/liquity/dev */
export const LIQUITY_V1_TROVE_MANAGERS = contractsOf({
  ethereum: `
    0xa39739ef8b0231dbfa0dcda07d7e29faabcf4bb2 TroveManager
  `,
})

/** Liquity v2: a TroveManager per collateral; the token is the collateral. https://github.com/liquity/bold (`contracts/addresses/1.json`) */
export const LIQUITY_V2_TROVE_MANAGERS = contractsOf({
  ethereum: `
    0x7bcb64b2c9206a5b699ed43363f6f98d4776cf5a ETH 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2
    0xa2895d6a3bf110561dfe4b71ca539d84e1928b22 wstETH 0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0
    0xb2b2abeb5c357a234363ff5d180912d319e3e19e rETH 0xae78736cd615f374d3085123a210448e74fc6393
  `,
})

/** crvUSD: a Controller per market; the token is the collateral. https://docs.curve.finance/references/deployed-contracts */
export const CRVUSD_CONTROLLERS = contractsOf({
  ethereum: `
    0x8472a9a7632b173c8cf3a86d3afec50c35548e76 sfrxETH 0xac3e018457b222d93114458476f3e3416abbe38f
    0xec0820efafc41d8943ee8de495fc9ba8495b15cf sfrxETH-v2 0xac3e018457b222d93114458476f3e3416abbe38f
    0x100daa78fc509db39ef7d04de0c1abd299f4c6ce wstETH 0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0
    0x4e59541306910ad6dc1dac0ac9dfb29bd9f15c67 WBTC 0x2260fac5e5542a773aa44fbcfedf7c193bc2c599
    0xa920de414ea4ab66b97da1bfe9e6eca7d4219635 WETH 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2
    0x1c91da0223c763d2e0173243eadaa0a2ea47e704 tBTC 0x18084fba666a33d37592fa2633fd49a74dd93a88
  `,
})

/** Fraxlend: pairs that lend FRAX; the token is the collateral. https://docs.frax.finance/fraxlend/fraxlend-overview */
export const FRAXLEND_PAIRS = contractsOf({
  ethereum: `
    0x794f6b13fbd7eb7ef10d1ed205c9a416910207ff WETH 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2
    0x32467a5fc2d72d21e8dce990906547a2b012f382 WBTC 0x2260fac5e5542a773aa44fbcfedf7c193bc2c599
    0x3835a58ca93cdb5f912519ad366826ac9a752510 CRV 0xd533a949740bb3306d119cc777fa900ba034cd52
    0x78bb3aec3d855431bd9289fd98da13f9ebb7ef15 sfrxETH 0xac3e018457b222d93114458476f3e3416abbe38f
    0xdbe88dbac39263c47629ebba02b3ef4cf0752a72 FXS 0x3432b6a60d23ca0dfca7761b7ab56459d9c964d0
    0xa1d100a5bf6bfd2736837c97248853d989a9ed84 CVX 0x4e3fbd56cd56c3e72c1403e103b45db9da5b9d2b
  `,
})

/** Euler v2: vaults whose asset is known; there are many more. https://github.com/euler-xyz/euler-vault-kit */
export const EULER_V2_VAULTS = contractsOf({
  ethereum: `
    0x797dd80692c3b2dadabce8e30c07fde5307d48a9 eUSDC-2 0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48
    0xd8b27cf359b7d15710a5be299af6e7bf904984c2 eWETH-2 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2
    0x313603fa690301b0caeef8069c065862f9162162 eUSDT-2 0xdac17f958d2ee523a2206206994597c13d831ec7
    0xbc4b4ac47582c3e38ce5940b80da65401f4628f1 eWSTETH-2 0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0
  `,
})

/** f(x) v2: the PoolManager of the long pools. https://github.com/AladdinDAO/fx-protocol-contracts */
export const FX_V2_MANAGERS = contractsOf({
  ethereum: `
    0x250893ca4ba5d05626c785e8da758026928fcd24 PoolManager
  `,
})

/** f(x) v2: long pools; the token is the collateral. */
export const FX_V2_POOLS = contractsOf({
  ethereum: `
    0x6ecfa38fee8a5277b91efda204c235814f0122e8 wstETH 0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0
    0xab709e26fa6b0a30c119d8c55b887ded24952473 WBTC 0x2260fac5e5542a773aa44fbcfedf7c193bc2c599
  `,
})

/** GMX v1: the Vault. https://github.com/gmx-io/gmx-interface (`sdk/src/configs/contracts.ts`) */
export const GMX_V1_VAULTS = contractsOf({
  arbitrum: `
    0x489ee077994b6658eafa855c308275ead8097c4a Vault
  `,
  avalanche: `
    0x9ab2de34a33fb459b538c43f251eb825645e8595 Vault
  `,
})

/** GMX v2: the EventEmitter. https://github.com/gmx-io/gmx-interface (`sdk/src/configs/contracts.ts`) */
export const GMX_V2_EMITTERS = contractsOf({
  arbitrum: `
    0xc8ee91a54287db53897056e12d9819156d3822fb EventEmitter
  `,
  avalanche: `
    0xdb17b211c34240b014ab6d61d4a31fa0c0e20c26 EventEmitter
  `,
})

/** Perpetual Protocol v2: the ClearingHouse. https://github.com/perpetual-protocol/perp-curie-contract */
export const PERP_V2_HOUSES = contractsOf({
  optimism: `
    0x82ac2ce43e33683c58be4cdc40975e73aa50f459 ClearingHouse
  `,
})

/** Perpetual Protocol v2: virtual base tokens by the coin they stand for (those known for certain). */
export const PERP_V2_BASES = contractsOf({
  optimism: `
    0x8c835dfaa34e2ae61775e80ee29e2c724c6ae2bb ETH
    0x86f1e0420c26a858fc203a3645dd1a36868f18e5 BTC
  `,
})
