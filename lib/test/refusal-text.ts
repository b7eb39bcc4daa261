/** What a question was refused for, as text, for tests of messages. */
import { isBreakwaterError } from '../model/index.ts'

/** `code: message | fix` of the error that asking throws, or `nothing`. Errors of ours pass through. */
export function refusalText(ask: () => unknown): string {
  try {
    ask()
  } catch (error) {
    if (isBreakwaterError(error)) return `${error.code}: ${error.message} | ${error.fix}`
    throw error
  }
  return 'nothing'
}
