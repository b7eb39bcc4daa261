/** Why a call reverted, in the words the golden files and the mechanisms use. */
import { type Abi, decodeErrorResult, type Hex, parseAbi } from 'viem'

const BUILT_IN = parseAbi(['error Error(string)', 'error Panic(uint256)'])

/** A revert string, a custom error's name, `Panic(0x11)`, or `(empty)` for a revert without data; unknown data as it is. */
export function revertWord(data: Hex, abi: Abi = []): string {
  if (data === '0x') return '(empty)'
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: [...abi, ...BUILT_IN] as Abi, data })
    if (errorName === 'Error') return String(args[0])
    return errorName === 'Panic' ? `Panic(0x${(args[0] as bigint).toString(16).padStart(2, '0')})` : errorName
  } catch {
    return data
  }
}
